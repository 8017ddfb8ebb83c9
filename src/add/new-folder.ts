/** The folder of a new system: it appears under its name whole, or not at all. */
import { constants } from 'node:fs'
import { chmod, copyFile, link, mkdir, open, realpath, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { BoottorrentError } from '../errors.ts'
import { writeError } from '../write-error.ts'
import type { PlannedFile } from './plan.ts'

export interface NewFolderOptions {
  /** Absolute path of oss/. */
  readonly parent: string
  readonly name: string
  readonly files: readonly PlannedFile[]
  /** Text of config.yaml. */
  readonly configuration: string
  /** Hears of bytes that were written. */
  readonly onWritten: (bytes: number) => void
  readonly signal: AbortSignal
}

/**
 * Writes everything beside the place where it belongs and then puts it there.
 *
 * @throws BoottorrentError USAGE when there is such a system already; FILE or PERMISSION when it cannot be written; the
 *   reason of the signal when it is aborted
 */
export async function writeNewFolder(options: NewFolderOptions): Promise<string> {
  const { parent, name, files, configuration, onWritten, signal } = options
  const target = path.join(parent, name)
  await refuseExisting(target, name)
  // The loader of environments passes over hidden folders, so a server that runs does not see it grow.
  const growing = path.join(parent, `.${name}.adding`)
  try {
    await mkdir(parent, { recursive: true })
    // What an earlier attempt left when the computer was switched off.
    await rm(growing, { recursive: true, force: true })
    await mkdir(growing)
    for (const file of files) {
      signal.throwIfAborted()
      await writeFile(path.join(growing, file.name), file, onWritten, signal)
    }
    await writeText(path.join(growing, 'config.yaml'), configuration)
    signal.throwIfAborted()
    await refuseExisting(target, name)
    await rename(growing, target)
    return target
  } catch (error) {
    // What went wrong first is what is told: where it cannot be written, nothing can be removed either.
    await rm(growing, { recursive: true, force: true }).catch(() => {})
    throw explained(error, parent)
  }
}

async function refuseExisting(target: string, name: string): Promise<void> {
  const exists = await stat(target).then(
    () => true,
    () => false,
  )
  if (!exists) return
  throw new BoottorrentError('USAGE', `There is a system ${name} already.`, {
    hint: `Choose another name with --name, or remove ${target}.`,
  })
}

async function writeFile(
  target: string,
  file: PlannedFile,
  onWritten: (bytes: number) => void,
  signal: AbortSignal,
): Promise<void> {
  if ('path' in file) {
    await linkOrCopy(file, target)
    onWritten(file.size)
    return
  }
  await using handle = await open(target, 'wx', 0o644)
  for await (const chunk of file.bytes(onWritten)) {
    signal.throwIfAborted()
    await handle.writeFile(chunk)
  }
}

/**
 * A second name for the same file costs nothing; where there can be none (another disk), a copy that shares its blocks
 * does, and a plain copy always works.
 */
async function linkOrCopy(file: { path: string; isExecutable?: boolean }, target: string): Promise<void> {
  // A second name of a symbolic link would be another symbolic link.
  const original = await realpath(file.path)
  const { mode } = await stat(original)
  const needsRights = file.isExecutable === true && (mode & 0o111) === 0
  // The rights belong to the file, not to its name: with a second name the original would get them too.
  if (!needsRights && (await isLinked(original, target))) return
  await copyFile(original, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
  if (needsRights) await chmod(target, 0o755)
}

function isLinked(original: string, target: string): Promise<boolean> {
  return link(original, target).then(
    () => true,
    () => false,
  )
}

async function writeText(target: string, text: string): Promise<void> {
  await using handle = await open(target, 'wx', 0o644)
  await handle.writeFile(text)
}

/** Codes of the system are about the folder; what was read, and an abort, say what they are themselves. */
function explained(error: unknown, folder: string): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException
  if (error instanceof BoottorrentError || code === undefined || syscall === undefined) return error
  return writeError(folder, error as NodeJS.ErrnoException, 'Make room there and run the command again.')
}
