import { stringify } from 'yaml'
import type { Start } from './plan.ts'

/** The text of a config.yaml, with the reasons of what stands in it as comments. */
export function configurationText(displayName: string, start: Start, decisions: readonly string[]): string {
  const reasons = decisions.map((line) => `# ${line.replace(/\s+/g, ' ')}\n`).join('')
  return reasons + stringify({ dispname: displayName, method: start.method, ...settingsOf(start) }, { lineWidth: 0 })
}

function settingsOf(start: Start): Record<string, unknown> {
  switch (start.method) {
    case 'kexec': {
      const { kernel, initrds, cmdline } = start
      const initrd = initrds.length === 1 ? initrds[0] : initrds
      return {
        kernel,
        ...(initrds.length > 0 ? { initrd } : {}),
        ...(cmdline === '' ? {} : { cmdline }),
      }
    }
    case 'bin-qemu-x86_64':
      return { args: start.args }
    case 'bin':
      return { bin: start.program, ...(start.args.length > 0 ? { binargs: start.args } : {}) }
  }
}
