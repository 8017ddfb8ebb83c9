/** A room of machines: network namespaces on a bridge, every link with a speed of its own. Linux, as root. */
import { execFileSync } from 'node:child_process'

/** Machine 0 is the host. */
export function addressOf(machine: number): string {
  return `10.77.0.${machine + 1}`
}

/**
 * What `tc` makes of a link. The burst has room for the largest segment that TCP gives to a card that cuts it up by itself,
 * 64 KiB and its headers: with less, tbf would cut it up, which costs more processor time than all the rest of the room.
 *
 * @param speed Mbit/s
 */
export function shapeOf(speed: number): string[] {
  return ['root', 'tbf', 'rate', `${speed}mbit`, 'burst', '96kb', 'latency', '50ms']
}

export class ShapedRoom implements Disposable {
  readonly #prefix = `room${process.pid}`
  readonly #namespaces: string[] = []

  /** @param links Mbit/s of each machine, both ways. */
  constructor(links: readonly number[]) {
    try {
      this.#add(this.#switch)
      this.#in(this.#switch, 'ip', 'link', 'add', 'bridge', 'type', 'bridge')
      // A switch knows no firewall. A kernel without this setting has none on bridges either.
      this.#in(this.#switch, 'sysctl', '-q', '-e', '-w', 'net.bridge.bridge-nf-call-iptables=0')
      this.#in(this.#switch, 'ip', 'link', 'set', 'bridge', 'up')
      for (const [machine, speed] of links.entries()) this.#plug(machine, speed)
    } catch (error) {
      this[Symbol.dispose]()
      throw error
    }
  }

  /** The words before a command that make it run on a machine. */
  on(machine: number): [program: string, words: string[]] {
    return ['ip', ['netns', 'exec', this.#nameOf(machine)]]
  }

  [Symbol.dispose](): void {
    for (const namespace of this.#namespaces.splice(0)) execFileSync('ip', ['netns', 'del', namespace])
  }

  get #switch(): string {
    return `${this.#prefix}-switch`
  }

  #nameOf(machine: number): string {
    return `${this.#prefix}-${machine}`
  }

  #add(namespace: string): void {
    execFileSync('ip', ['netns', 'add', namespace])
    this.#namespaces.push(namespace)
    this.#in(namespace, 'ip', 'link', 'set', 'lo', 'up')
  }

  #plug(machine: number, speed: number): void {
    const namespace = this.#nameOf(machine)
    const port = `port${machine}`
    this.#add(namespace)
    this.#in(namespace, 'ip', 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', port, 'netns', this.#switch)
    this.#in(this.#switch, 'ip', 'link', 'set', port, 'master', 'bridge', 'up')
    this.#in(namespace, 'ip', 'addr', 'add', `${addressOf(machine)}/24`, 'dev', 'eth0')
    this.#in(namespace, 'ip', 'link', 'set', 'eth0', 'up')
    // As the kernels of Phase-1 do, whatever this machine prefers.
    const network = addressOf(-1)
    this.#in(namespace, 'ip', 'route', 'replace', `${network}/24`, 'dev', 'eth0', 'congctl', 'cubic')
    const shape = shapeOf(speed)
    this.#in(namespace, 'tc', 'qdisc', 'add', 'dev', 'eth0', ...shape)
    this.#in(this.#switch, 'tc', 'qdisc', 'add', 'dev', port, ...shape)
  }

  #in(namespace: string, ...words: string[]): void {
    execFileSync('ip', ['netns', 'exec', namespace, ...words])
  }
}
