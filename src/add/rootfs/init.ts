/** What the kernel starts first in a root file system. */
import type { MergedTree } from './merged-tree.ts'
import type { ContainerImage } from './oci.ts'

export interface Init {
  /** Words for the kernel command line. */
  readonly cmdline: string
  /** Text of an /init that has to be added; undefined when the system has its own. */
  readonly script: string | undefined
  readonly decision: string
}

const SYSTEM_INITS = ['sbin/init', 'usr/lib/systemd/systemd', 'lib/systemd/systemd', 'bin/init', 'etc/init']

export function chooseInit(tree: MergedTree, image: ContainerImage | undefined): Init | undefined {
  if (tree.find('init')?.type === 'file') {
    return { cmdline: '', script: undefined, decision: 'It has an /init of its own, which the kernel starts.' }
  }
  const own = SYSTEM_INITS.find((path) => tree.find(path)?.type === 'file')
  if (own !== undefined && (image === undefined || image.command.length === 0 || isShell(image.command))) {
    return { cmdline: `rdinit=/${own}`, script: undefined, decision: `The kernel starts its /${own}.` }
  }
  const command = image?.command ?? []
  if (tree.find('bin/sh')?.type === 'file') {
    const words = command.length > 0 ? command : ['/bin/sh']
    const script = initScript(words, image?.environment ?? [], image?.workingDirectory ?? '/')
    return { cmdline: '', script, decision: `It has no init: an /init is added that runs ${words.join(' ')}.` }
  }
  const [program, ...args] = command
  if (program === undefined || !program.startsWith('/') || command.some((word) => /[\s"]/.test(word))) return undefined
  const tail = args.length > 0 ? ` -- ${args.join(' ')}` : ''
  return {
    cmdline: `rdinit=${program}${tail}`,
    script: undefined,
    decision: `It has neither init nor shell: the kernel starts ${program}.`,
  }
}

/** Images name a shell when they do not know better. */
function isShell(command: readonly string[]): boolean {
  return command.length === 1 && /(^|\/)(ba|da|a)?sh$/.test(command[0] as string)
}

function initScript(command: readonly string[], environment: readonly string[], directory: string): string {
  const variables = environment
    .filter((one) => /^[A-Za-z_]\w*=/.test(one))
    .map((one) => {
      const name = one.slice(0, one.indexOf('='))
      return `export ${name}=${quoted(one.slice(name.length + 1))}`
    })
  return `#!/bin/sh
# Written by boottorrent: this image has no init of its own.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=linux
${variables.join('\n')}
mkdir -p /proc /sys /dev /run /tmp
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev 2>/dev/null
mkdir -p /dev/pts
mount -t devpts devpts /dev/pts
cd ${quoted(directory)} || cd /
${command.map(quoted).join(' ')}
echo "boottorrent: the program of this image ended with status $?; a shell follows, leave it to switch off"
/bin/sh
sync
echo o > /proc/sysrq-trigger
while :; do sleep 1; done
`
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`
}
