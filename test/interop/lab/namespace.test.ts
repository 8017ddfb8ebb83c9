import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { describe, expect, it } from 'vitest'
import { createLan } from '../../../src/demo/vm/lan.ts'

describe('a LAN of its own', () => {
  it('has the bridge with the server address, the loopback, and nothing of the computer around it', async () => {
    await using lan = await createLan({ address: '172.31.7.1/24', interface: 'lan7' })
    const links = JSON.parse(await lan.run('ip', ['-json', 'address', 'show'])) as {
      ifname: string
      addr_info: { local: string }[]
    }[]
    expect(links.map(({ ifname }) => ifname).sort()).toEqual(['lan7', 'lo'])
    const bridge = links.find(({ ifname }) => ifname === 'lan7')
    expect(bridge?.addr_info.map(({ local }) => local)).toContain('172.31.7.1')
  })

  it('plugs each tap device into the bridge', async () => {
    await using lan = await createLan()
    const taps = [await lan.tap(), await lan.tap()]
    const ports = JSON.parse(await lan.run('ip', ['-json', 'link', 'show', 'master', lan.interface])) as {
      ifname: string
    }[]
    expect(ports.map(({ ifname }) => ifname).sort()).toEqual(taps.sort())
  })

  it('is apart from another one that has the same address', async () => {
    await using first = await createLan()
    await using second = await createLan()
    const namespaceOf = (lan: typeof first) => lan.run('readlink', ['/proc/self/ns/net'])
    expect(await namespaceOf(first)).not.toBe(await namespaceOf(second))
  })

  it('tells what a failing program said', async () => {
    await using lan = await createLan()
    await expect(lan.run('ip', ['link', 'show', 'nothing0'])).rejects.toThrow(/ip failed \(1\): .*nothing0/)
  })

  it('names a program that is missing', async () => {
    await using lan = await createLan()
    await expect(lan.run('no-such-program', [])).rejects.toMatchObject({
      code: 'FILE',
      message: /"no-such-program" is missing/,
    })
  })

  it('ends its programs when it is closed', async () => {
    const lan = await createLan()
    const program = lan.spawn('sleep', ['1000'])
    await once(program, 'spawn')
    await lan.close()
    expect(program.signalCode).toBe('SIGTERM')
  })

  it('ends with its programs when its owner is killed', async () => {
    const owner = spawn(process.execPath, [`${import.meta.dirname}/lan-owner.ts`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const output = createInterface({ input: owner.stdout })
    const pids: number[] = []
    for await (const line of output) {
      pids.push(Number(line))
      if (pids.length === 2) owner.kill('SIGKILL')
    }
    // The programs held the owner's standard output too: it ended with the last of them, which may be a moment from its end.
    await expect.poll(() => Promise.all(pids.map(isRunning))).toEqual([false, false])
  })
})

/** A process that ended but that nobody has waited for yet is a zombie, state Z: it does not run. */
async function isRunning(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  return status !== undefined && !/\) [ZX] /.test(status)
}
