import { execFile } from 'node:child_process'
import { chmod, copyFile, mkdir, readFile, rename } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { bundleForQuickJs } from './bundle.ts'
import type { NpmPackage } from './npm-packages.ts'

export interface BuildTuiOptions {
  /** Version of boottorrent, for the title bar. */
  readonly version: string
  /** Folder of QuickJS's source, unpacked from Debian's source package. */
  readonly quickjs: string
  /** Command that compiles and links for i386 with musl. */
  readonly muslGcc: string
  /** Folder for everything in between; made when it is not there. */
  readonly work: string
  /** Path of the finished program. */
  readonly out: string
}

const run = promisify(execFile)
const here = import.meta.dirname

/** The files of QuickJS that every program needs. */
const ENGINE = ['quickjs.c', 'dtoa.c', 'libregexp.c', 'libunicode.c', 'cutils.c', 'quickjs-libc.c']

/**
 * Makes Phase-1's TUI: one static i386 program that holds QuickJS and the TUI as bytecode.
 *
 * The same sources and compilers give the same bytes. Rejects with an Error that quotes the compiler.
 *
 * @returns the packages of npm that are in it
 */
export async function buildTui(options: BuildTuiOptions): Promise<NpmPackage[]> {
  const work = resolve(options.work)
  await mkdir(work, { recursive: true })
  const quickjsVersion = (await readFile(join(options.quickjs, 'VERSION'), 'utf8')).trim()

  const bundle = join(work, 'tui.js')
  const packages = await bundleForQuickJs(join(here, 'main.tsx'), bundle, options.version)

  const compiler = await buildBytecodeCompiler(options, quickjsVersion)
  const bytecode = join(work, 'bytecode.c')
  // -s keeps neither source nor line numbers; native is the module of native.c, js_init_module_native.
  // It keeps the bundle's name as it is given: a relative one is the same everywhere.
  const words = ['-e', '-m', '-s', '-S', '2097152', '-M', 'native,native', '-o', bytecode, basename(bundle)]
  await run(compiler, words, { cwd: work })

  const flags = [
    ...commonFlags(options, quickjsVersion),
    // The oldest machine is a Pentium II: no SSE. The compiler's own default may be newer.
    ...['-march=i686', '-mtune=generic', '-mfpmath=387'],
    ...['-Os', '-ffunction-sections', '-fdata-sections', '-fno-asynchronous-unwind-tables'],
    ...['-fno-pie', `-ffile-prefix-map=${work}=.`, `-ffile-prefix-map=${here}=.`],
  ]
  const sources = [...ENGINE.map((file) => join(options.quickjs, file)), join(here, 'native/native.c'), bytecode]
  const objects = await compileAll(options.muslGcc, flags, sources, join(work, 'i386'))
  const linked = join(work, 'tui')
  const linkFlags = ['-static', '-no-pie', '-s', '-Wl,--gc-sections', '-Wl,-z,norelro', '-Wl,--build-id=none']
  await run(options.muslGcc, ['-o', linked, ...linkFlags, ...objects, '-lm'])
  // By way of another name, for the old one may be running.
  await copyFile(linked, `${options.out}.new`)
  await chmod(`${options.out}.new`, 0o755)
  await rename(`${options.out}.new`, options.out)
  return packages
}

/** qjsc for the machine that builds. Its bytecode is the same for all. */
async function buildBytecodeCompiler(options: BuildTuiOptions, version: string): Promise<string> {
  const flags = [...commonFlags(options, version), '-O1', '-DCONFIG_CC="cc"', '-DCONFIG_PREFIX="/usr"']
  const sources = [...ENGINE, 'qjsc.c'].map((file) => join(options.quickjs, file))
  const objects = await compileAll('cc', flags, sources, join(options.work, 'host'))
  const compiler = resolve(options.work, 'qjsc')
  await run('cc', ['-o', compiler, ...objects, '-lm', '-ldl', '-lpthread'])
  return compiler
}

function commonFlags(options: BuildTuiOptions, version: string): string[] {
  return [
    ...['-D_GNU_SOURCE', `-DCONFIG_VERSION="${version}"`, '-I', options.quickjs],
    // QuickJS counts on signed numbers that wrap around and unsigned characters.
    ...['-fwrapv', '-funsigned-char', '-w', `-ffile-prefix-map=${options.quickjs}=quickjs`],
  ]
}

/** One compiler at a time: the caller knows how many processors there are to spare. */
async function compileAll(compiler: string, flags: string[], sources: string[], folder: string): Promise<string[]> {
  await mkdir(folder, { recursive: true })
  const objects: string[] = []
  for (const source of sources) {
    const object = join(folder, basename(source).replace(/\.c$/, '.o'))
    await run(compiler, [...flags, '-c', '-o', object, source])
    objects.push(object)
  }
  return objects
}
