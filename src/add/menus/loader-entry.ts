/** Boot Loader Specification, type 1: `loader/entries/*.conf`, which systemd-boot shows. */
import type { MenuEntry } from './entry.ts'

export function parseLoaderEntry(text: string): MenuEntry[] {
  const values = new Map<string, string[]>()
  for (const line of text.split('\n')) {
    const [, key, value] = /^([a-z-]+)\s+(.+?)\s*$/.exec(line) ?? []
    if (key !== undefined && value !== undefined) values.set(key, [...(values.get(key) ?? []), value])
  }
  const kernel = values.get('linux')?.[0]
  if (kernel === undefined) return []
  const cmdline = (values.get('options') ?? []).join(' ')
  return [
    { title: values.get('title')?.[0] ?? '', kernel, initrds: values.get('initrd') ?? [], cmdline, isDefault: false },
  ]
}
