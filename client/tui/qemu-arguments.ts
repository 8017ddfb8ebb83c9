/** QEMU's words (qemu(1)) for a system: what its config.yaml says, and whatever that leaves open. */

const MEBIBYTE = 1024 * 1024

/** What QEMU itself, its translated code and Xorg take beside the guest's memory, in bytes. */
const OVERHEAD = 160 * MEBIBYTE
/** The least that a guest is given, in bytes. */
const SMALLEST_GUEST = 32 * MEBIBYTE
/** What a 32-bit QEMU can find room for in its 3 GiB of addresses, in bytes. */
const LARGEST_GUEST_OF_32_BITS = 1536 * MEBIBYTE
/** Room for translated code, in MiB. QEMU's own default is a GiB, which would be taken from everybody. */
const TRANSLATED_CODE = 64

export interface QemuSurroundings {
  /** Title of the window. */
  readonly name: string
  /** Bytes of memory that are free. */
  readonly available: number
  readonly is64Bit: boolean
  /** Whether the processor's own virtualization works. */
  readonly hasKvm: boolean
  readonly processors: number
  /** Whether there is a screen to draw on; else QEMU has only a terminal. */
  readonly hasScreen: boolean
}

/** The words to start QEMU with. Those of the configuration come last, and nothing is said that they say themselves. */
export function qemuArguments(args: readonly string[], surroundings: QemuSurroundings): string[] {
  const { name, hasKvm, hasScreen, processors } = surroundings
  const options = optionsIn(args)
  const says = (...names: readonly string[]) => names.some((option) => options.has(option))
  // The downloaded files go on being seeded, so the guest writes beside them, not into them.
  const words = ['-name', name.replaceAll(',', ',,'), '-snapshot']
  const choosesAccelerator = says('accel', 'enable-kvm') || machinesIn(args).some((one) => /,accel=/.test(`,${one}`))
  if (!choosesAccelerator) {
    words.push('-accel', hasKvm ? 'kvm' : `tcg,tb-size=${TRANSLATED_CODE}`)
    if (hasKvm && !says('cpu')) words.push('-cpu', 'host')
    if (hasKvm && !says('smp')) words.push('-smp', String(processors))
  }
  if (!says('m')) words.push('-m', `${Math.floor(guestMemory(surroundings) / MEBIBYTE)}M`)
  if (!choosesDisplay(args)) words.push(...(hasScreen ? ['-display', 'sdl', '-full-screen'] : ['-display', 'curses']))
  return [...words, ...args]
}

/** Whether a configuration decides by itself where the guest is seen. */
export function choosesDisplay(args: readonly string[]): boolean {
  const options = optionsIn(args)
  return ['display', 'nographic', 'curses', 'vnc', 'spice'].some((option) => options.has(option))
}

/** Bytes of memory to leave for a system in QEMU, beside its files: what its `-m` asks for, else the least that makes sense. */
export function memoryNeed(args: readonly string[]): number {
  return OVERHEAD + (askedMemory(args) ?? SMALLEST_GUEST)
}

/** All that is free, but for what the others here need. */
function guestMemory({ available, is64Bit }: QemuSurroundings): number {
  const largest = is64Bit ? Number.POSITIVE_INFINITY : LARGEST_GUEST_OF_32_BITS
  return Math.max(SMALLEST_GUEST, Math.min(largest, available - available / 16 - OVERHEAD))
}

/** `-m 512`, `-m 2G`, `-m size=2G,slots=…`: bytes; a bare number counts MiB. */
function askedMemory(args: readonly string[]): number | undefined {
  const value = args[args.findIndex((word) => word === '-m' || word === '--m') + 1]
  if (!args.some((word) => word === '-m' || word === '--m') || value === undefined) return undefined
  const match = /^(?:size=)?(\d+(?:\.\d+)?)([bkmgt]?)/i.exec(value)
  if (!match) return undefined
  const units = { b: 1, k: 1024, m: MEBIBYTE, g: 1024 * MEBIBYTE, t: 1024 * 1024 * MEBIBYTE }
  const unit = (match[2] || 'm').toLowerCase() as keyof typeof units
  return Number(match[1]) * units[unit]
}

/** What stands behind `-machine`: a kind of machine, which may name an accelerator among its properties. */
function machinesIn(args: readonly string[]): string[] {
  return args.filter((_, index) => /^--?(machine|M)$/.test(args[index - 1] ?? ''))
}

/** Names of the options among the words, without their dashes: QEMU takes one or two. */
function optionsIn(args: readonly string[]): Set<string> {
  return new Set(args.filter((word) => word.startsWith('-')).map((word) => word.replace(/^--?/, '')))
}
