/**
 * How the segments are compressed: bytes on the wire against the time to unpack them, for the 32-bit boot layer without its
 * kernel, which is compressed by Debian. The kernel's own decompressors run on an emulated Pentium II that does 500 million
 * instructions per second, counted by QEMU, so this computer's speed does not matter. That is a PC of about the year 2000, for
 * which this counts most.
 */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { COMPRESSIONS, type Compression, compress } from '../client/build/compress.ts'
import { loadClientPackage } from '../src/client-package.ts'
import { type CaseGoal, type Competitor, compete, type Measurement, type Suite } from './harness.ts'

const run = promisify(execFile)

const [ours, ...others] = COMPRESSIONS

/** Machines that are switched on at once, and the host's line in bytes per second. */
const ROOM = 30
const GIGABIT = 125e6
/** The line of one machine, in bytes per second. */
const FAST_ETHERNET = 12.5e6

const goals: CaseGoal[] = [
  { case: 'bytes of base and drivers', unit: 'bytes', better: 'lower', goal: 1, peers: others },
  // What xz costs: a PC of the year 2000 waits three seconds for it, one of 2010 a third of one.
  { case: 'unpacked at 500 million instructions per second', unit: 's', better: 'lower', goal: 0.15, peers: others },
  { case: `sent to ${ROOM} machines at 1 Gbit/s`, unit: 's', better: 'lower', goal: 1, peers: others },
  { case: 'sent to one machine at 100 Mbit/s', unit: 's', better: 'lower', goal: 1, peers: others },
]

export const suite: Suite = async (options) => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'boottorrent-compression-'))
  const competitors = COMPRESSIONS.map((name): Competitor => ({ name, measure: () => measure(name, folder.path) }))
  const [own, ...peers] = competitors as [Competitor, ...Competitor[]]
  return { rows: await compete(own, peers, goals, options), notes: [`boottorrent's default is ${ours}`] }
}

async function measure(compression: Compression, folder: string): Promise<Measurement> {
  const { directory, manifest } = await loadClientPackage()
  const initrd = join(folder, `initrd.${compression}`)
  const parts: Buffer[] = []
  for (const file of [manifest.segments.base, manifest.segments.drivers['686']]) {
    const plain = join(folder, 'plain')
    await run('sh', ['-c', 'xz -dc "$1" >"$2"', 'sh', join(directory, file), plain])
    await compress(plain, `${plain}.packed`, compression)
    parts.push(await readFile(`${plain}.packed`))
  }
  const bytes = Buffer.concat(parts)
  await writeFile(initrd, bytes)
  const unpacked = await secondsToUnpack(join(directory, manifest.kernels['686'].file), initrd)
  const values = [bytes.length, unpacked, (ROOM * bytes.length) / GIGABIT, bytes.length / FAST_ETHERNET]
  return Object.fromEntries(goals.map((goal, index) => [goal.case, values[index] ?? Number.NaN]))
}

/** By the kernel's own clock, from its first word about the initrd to its last. */
async function secondsToUnpack(kernel: string, initrd: string): Promise<number> {
  const words = [
    '-accel',
    'tcg',
    '-icount',
    'shift=1,sleep=off',
    '-cpu',
    'pentium2',
    '-m',
    '256',
    '-nographic',
    '-vga',
    'none',
    '-nic',
    'none',
    '-no-reboot',
  ]
  // Else other parts of the kernel start meanwhile, on the same processor.
  const append = 'console=ttyS0,115200 printk.time=1 initramfs_async=0'
  const qemu = spawn('qemu-system-x86_64', [...words, '-kernel', kernel, '-initrd', initrd, '-append', append])
  try {
    let began = Number.NaN
    for await (const line of createInterface({ input: qemu.stdout })) {
      const [, time, text = ''] = /\[ *([\d.]+)\] (.*)/.exec(line) ?? []
      if (text.startsWith('Trying to unpack rootfs image')) began = Number(time)
      if (text.startsWith('Freeing initrd memory')) return Number(time) - began
    }
    throw new Error('the kernel did not unpack its initrd')
  } finally {
    qemu.kill('SIGKILL')
    if (qemu.exitCode === null && qemu.signalCode === null) await once(qemu, 'exit')
  }
}
