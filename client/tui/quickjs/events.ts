/** The part of node:events that Ink uses. */
type Listener = (...values: unknown[]) => void

export class EventEmitter {
  private readonly listenersOf = new Map<string, Listener[]>()

  on(event: string, listener: Listener): this {
    this.listenersOf.set(event, [...(this.listenersOf.get(event) ?? []), listener])
    return this
  }

  off(event: string, listener: Listener): this {
    const listeners = this.listenersOf.get(event) ?? []
    const index = listeners.lastIndexOf(listener)
    if (index >= 0) this.listenersOf.set(event, listeners.toSpliced(index, 1))
    return this
  }

  once(event: string, listener: Listener): this {
    const onlyOnce: Listener = (...values) => {
      this.off(event, onlyOnce)
      listener(...values)
    }
    return this.on(event, onlyOnce)
  }

  emit(event: string, ...values: unknown[]): boolean {
    const listeners = this.listenersOf.get(event) ?? []
    for (const listener of listeners) listener(...values)
    return listeners.length > 0
  }

  addListener(event: string, listener: Listener): this {
    return this.on(event, listener)
  }

  removeListener(event: string, listener: Listener): this {
    return this.off(event, listener)
  }

  listenerCount(event: string): number {
    return this.listenersOf.get(event)?.length ?? 0
  }

  setMaxListeners(): this {
    return this
  }
}

export default EventEmitter
