import type { System, Timer } from './system.ts'

/** Counts whole seconds down to nothing. */
export class Countdown {
  private timer: Timer | undefined

  /**
   * @param onTick called with the seconds that are left, once for each but the first
   * @param onEnd called when none is left
   */
  constructor(system: System, seconds: number, onTick: (left: number) => void, onEnd: () => void) {
    const end = system.now() + seconds * 1000
    const wait = () => {
      const rest = end - system.now()
      if (rest <= 0) return onEnd()
      // Aims at the next whole second, so that a busy machine does not count more slowly.
      const step = rest - Math.max(0, Math.ceil(rest / 1000) - 1) * 1000
      this.timer = system.after(step, () => {
        const left = Math.ceil((end - system.now()) / 1000)
        if (left > 0) onTick(left)
        wait()
      })
    }
    wait()
  }

  stop(): void {
    this.timer?.cancel()
  }
}
