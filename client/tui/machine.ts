import type { System } from './system.ts'

/** Bytes of memory that programs can still have, as Linux estimates it (proc(5)). Undefined when nobody knows. */
export function availableMemory(system: System): number | undefined {
  const kibibytes = /^MemAvailable:\s*(\d+) kB/m.exec(system.readFile('/proc/meminfo') ?? '')?.[1]
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024
}

/** Bytes of memory that the kernel has. Undefined when nobody knows. */
export function totalMemory(system: System): number | undefined {
  const kibibytes = /^MemTotal:\s*(\d+) kB/m.exec(system.readFile('/proc/meminfo') ?? '')?.[1]
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024
}

/** What the processor calls itself; '' when it does not say. */
export function processorName(system: System): string {
  const name = /^model name\s*:\s*(.*)$/m.exec(system.readFile('/proc/cpuinfo') ?? '')?.[1] ?? ''
  return name.replace(/\s+/g, ' ').trim()
}

/** Maker and model, as the firmware tells them; '' when it does not. */
export function modelName(system: System): string {
  const told = ['sys_vendor', 'product_name'].map((name) => system.readFile(`/sys/class/dmi/id/${name}`)?.trim() ?? '')
  return told.filter((part) => part !== '').join(' ')
}

/** The release of the running kernel, as `uname -r` says it. */
export function kernelRelease(system: System): string {
  return (system.readFile('/proc/sys/kernel/osrelease') ?? '').trim()
}

/** Debian names its 64-bit kernels so. */
export function is64BitKernel(release: string): boolean {
  return release.endsWith('-amd64')
}

/** How many processors there are. */
export function processorCount(system: System): number {
  return Math.max(1, system.readFile('/proc/cpuinfo')?.match(/^processor\s*:/gm)?.length ?? 1)
}
