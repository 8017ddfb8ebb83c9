import type { System } from './system.ts'

/** Bytes of memory that programs can still have, as Linux estimates it (proc(5)). Undefined when nobody knows. */
export function availableMemory(system: System): number | undefined {
  const kibibytes = /^MemAvailable:\s*(\d+) kB/m.exec(system.readFile('/proc/meminfo') ?? '')?.[1]
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024
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
