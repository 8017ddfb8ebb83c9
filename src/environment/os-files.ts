import { access, open, readdir, realpath, stat } from 'node:fs/promises'
import path from 'node:path'
import { nearest } from './nearest.ts'
import { type Findings, quoted } from './problems.ts'
import type { Given } from './schema.ts'
import { refusalOf } from './text-file.ts'

/** Checks the files that a config.yaml names. `folder` is the absolute path of the system's folder. */
export class OsFiles {
  readonly #folder: string
  readonly #findings: Findings

  constructor(folder: string, findings: Findings) {
    this.#folder = folder
    this.#findings = findings
  }

  /**
   * The path of the file relative to the folder, with forward slashes. Undefined when machines could not have the file: it is
   * missing, empty, not a file, or outside the folder; the findings then say so.
   */
  async check(written: Given<string>): Promise<string | undefined> {
    const relative = await this.#insideTheFolder(written)
    if (relative === undefined) return undefined
    if (relative === 'config.yaml') {
      this.#refuse(written, 'wrong-value', 'config.yaml itself is not sent to the machines', 'Name another file.')
      return undefined
    }
    try {
      const target = await realpath(path.join(this.#folder, relative))
      if (!isInside(await realpath(this.#folder), target)) {
        this.#leaves(written, 'is a symbolic link that leads out of the folder', 'Put the file itself into the folder.')
        return undefined
      }
      const stats = await stat(target)
      if (!stats.isFile()) {
        const what = stats.isDirectory() ? 'a folder' : 'not a regular file'
        this.#refuse(written, 'not-a-file', `${quoted(written.value)} is ${what}`, 'Name a file.')
        return undefined
      }
      if (stats.size === 0) {
        this.#refuse(written, 'empty-file', `${quoted(written.value)} is empty`, 'Copy the file again.')
        return undefined
      }
      // access(2) would answer for the user who called, not for the one the process has become.
      await (await open(target)).close()
      return relative
    } catch (error) {
      await this.#refuseFailure(written, relative, error as NodeJS.ErrnoException)
      return undefined
    }
  }

  async #insideTheFolder(written: Given<string>): Promise<string | undefined> {
    const slashes = written.value.replaceAll(path.sep, '/')
    const normal = path.posix.normalize(slashes)
    if (normal === '..' || normal.startsWith('../')) {
      this.#leaves(written, 'is outside the folder of the system', 'Put the file into the folder.')
      return undefined
    }
    if (!path.posix.isAbsolute(normal) && !path.win32.isAbsolute(slashes)) return normal.replace(/\/$/, '')
    // 2018's program put the folder before whatever was written, so that there "/vmlinuz" meant the folder's vmlinuz.
    const stripped = normal.replace(/^\/+/, '')
    const exists = await access(path.join(this.#folder, stripped)).then(
      () => stripped !== '',
      () => false,
    )
    if (!exists) {
      this.#leaves(
        written,
        'is an absolute path',
        `Put the file into the folder and write "${path.posix.basename(normal)}".`,
      )
      return undefined
    }
    this.#findings.warning(
      written.place,
      'corrected',
      `${quoted(written.value)} is taken as a path in the folder of the system`,
      `Write "${stripped}".`,
    )
    return stripped
  }

  async #refuseFailure(written: Given<string>, relative: string, error: NodeJS.ErrnoException): Promise<void> {
    const refusal = refusalOf(error)
    if (refusal.code !== 'missing-file') {
      this.#refuse(written, refusal.code, `${quoted(written.value)}: ${refusal.message}`, refusal.hint)
      return
    }
    const neighbours = await readdir(path.join(this.#folder, path.posix.dirname(relative))).catch(() => [])
    const guess = nearest(path.posix.basename(relative), neighbours)
    const hint = guess ? `Did you mean "${guess}"?` : 'Put the file there, or correct the name.'
    this.#refuse(written, 'missing-file', `${quoted(written.value)} is not in the folder of the system`, hint)
  }

  #leaves(written: Given<string>, why: string, hint: string): void {
    this.#refuse(
      written,
      'path-leaves-folder',
      `${quoted(written.value)} ${why}`,
      `${hint} Only what lies in it reaches the machines.`,
    )
  }

  #refuse(
    written: Given<unknown>,
    ...report: Parameters<Findings['problem']> extends [unknown, ...infer R] ? R : never
  ): void {
    this.#findings.problem(written.place, ...report)
  }
}

function isInside(folder: string, file: string): boolean {
  const relative = path.relative(folder, file)
  return relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative)
}
