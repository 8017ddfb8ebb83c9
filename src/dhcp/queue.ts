/** Things that wait for their turn: first in, first out. When it is full, the one that waited longest is given up. */
export class BoundedQueue<Item> {
  readonly #items: (Item | undefined)[]
  #first = 0
  #size = 0

  constructor(limit: number) {
    this.#items = new Array(limit)
  }

  get size(): number {
    return this.#size
  }

  /** Answers whether nothing had to be given up for it. */
  push(item: Item): boolean {
    const isFull = this.#size === this.#items.length
    if (isFull) this.take()
    this.#items[(this.#first + this.#size) % this.#items.length] = item
    this.#size += 1
    return !isFull
  }

  take(): Item | undefined {
    if (this.#size === 0) return undefined
    const item = this.#items[this.#first]
    this.#items[this.#first] = undefined
    this.#first = (this.#first + 1) % this.#items.length
    this.#size -= 1
    return item
  }
}
