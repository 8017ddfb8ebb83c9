import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** An environment in a temporary folder, which is removed again. Names end in "/" for empty folders. */
export async function temporaryEnvironment(
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<AsyncDisposable & { readonly directory: string }> {
  const directory = await mkdtemp(path.join(tmpdir(), 'boottorrent-environment-'))
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(directory, name)
    await mkdir(name.endsWith('/') ? file : path.dirname(file), { recursive: true })
    if (!name.endsWith('/')) await writeFile(file, content)
  }
  return {
    directory,
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  }
}

/** A system that is right, under this folder name. */
export function linux(name: string): Record<string, string> {
  return {
    [`oss/${name}/config.yaml`]: `dispname: ${name.toUpperCase()}\nmethod: kexec\nkernel: vmlinuz\ninitrd: initrd.img\n`,
    [`oss/${name}/vmlinuz`]: 'stands for a kernel',
    [`oss/${name}/initrd.img`]: 'stands for an initrd',
  }
}
