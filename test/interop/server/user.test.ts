import { chmod, cp, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Lab, labNetwork, openLab } from '../../lab/lab.ts'

async function writeEnvironment(directory: string, user: string): Promise<void> {
  await chmod(directory, 0o755)
  await mkdir(path.join(directory, 'oss/demo'), { recursive: true })
  await writeFile(path.join(directory, 'oss/demo/vmlinuz'), 'a kernel')
  await writeFile(path.join(directory, 'oss/demo/config.yaml'), 'dispname: Demo\nmethod: kexec\nkernel: vmlinuz\n')
  const network = `interface: ${labNetwork.interface}, mode: dhcp, range: 172.30.0.50-172.30.0.60, user: ${user}`
  await writeFile(path.join(directory, 'Boottorrent.yaml'), `version: 1\nnetwork: { ${network} }\n`)
}

/** Root of the checkout, which may lie where nobody else may look, such as in root's home. */
const checkout = path.resolve(import.meta.dirname, '../../..')
let installed: string

/** The program and what it needs, as npm would put them into a folder that everybody may read. */
beforeAll(async () => {
  installed = await mkdtemp(path.join(tmpdir(), 'boottorrent-installed-'))
  await chmod(installed, 0o755)
  const modules = path.join(installed, 'node_modules')
  const parts = {
    boottorrent: ['package.json', 'dist', 'assets'],
    '@boottorrent/client': ['client/package.json', 'client/dist'],
    commander: ['node_modules/commander'],
    yaml: ['node_modules/yaml'],
  }
  for (const [name, files] of Object.entries(parts)) {
    for (const file of files) {
      const target = file === `node_modules/${name}` ? '' : path.basename(file)
      await cp(path.join(checkout, file), path.join(modules, name, target), { recursive: true })
    }
  }
})

afterAll(() => rm(installed, { recursive: true, force: true }))

function openInstalledLab(user: string, prepare?: (directory: string) => Promise<void>): Promise<Lab> {
  const write = async (directory: string) => {
    await writeEnvironment(directory, user)
    await prepare?.(directory)
  }
  return openLab(write, { program: path.join(installed, 'node_modules/boottorrent/dist/boottorrent.js') })
}

describe('a server that gives up root', () => {
  it('goes on giving addresses and boot files as an ordinary user, and closes in order', async () => {
    await using lab = await openInstalledLab('nobody')
    const { pid } = (await lab.server.waitForEvent('server.user', 10)) as { pid?: number }
    expect(pid).toBeTypeOf('number')
    const status = await readFile(`/proc/${pid}/status`, 'utf8')
    const nobody = (await lab.lan.run('id', ['-u', 'nobody'])).trim()
    expect(status).toMatch(new RegExp(`^Uid:\\s+${nobody}\\s+${nobody}\\s+${nobody}\\s+${nobody}$`, 'm'))
    expect(status).toMatch(/^CapEff:\s+0+$/m)

    await lab.lan.run('ip', ['link', 'add', 'pc', 'type', 'veth', 'peer', 'name', 'port'])
    await lab.lan.run('ip', ['link', 'set', 'port', 'master', labNetwork.interface, 'up'])
    await lab.lan.run('ip', ['link', 'set', 'pc', 'up'])
    await lab.lan.run('busybox', ['udhcpc', '-i', 'pc', '-n', '-q', '-f', '-s', '/bin/true'])
    const leases = await stat(path.join(lab.environment, '.boottorrent/leases'))
    expect(String(leases.uid)).toBe(nobody)
    expect(leases.size).toBeGreaterThan(0)

    const url = `http://${labNetwork.address}:8000/boot.ipxe`
    expect(await lab.lan.run('busybox', ['wget', '-q', '-O', '-', url])).toMatch(/^#!ipxe/)
    expect(await lab.server.stop()).toBe(0)
  })

  it('does not go on as a user who may not read what is served', async () => {
    await using lab = await openInstalledLab('nobody', (directory) => chmod(path.join(directory, 'oss'), 0o700))
    const failed = await lab.server.waitForEvent('server.failed', 10)
    expect(failed).toMatchObject({ code: 'PERMISSION', message: expect.stringContaining('nobody may not read') })
  })

  it('does not start for a user that does not exist, and says where to correct it', async () => {
    await expect(openInstalledLab('nobody-like-this')).rejects.toThrow(/no user nobody-like-this.*network\.user/s)
  })
})
