import { execFile } from 'node:child_process'
import { access, chown, constants, lchown, readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { BoottorrentError } from '../errors.ts'

const run = promisify(execFile)

/** A user of this system, by numbers. */
export interface SystemUser {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

/**
 * Looks a user up.
 *
 * @throws BoottorrentError CONFIGURATION when there is no such user
 */
export async function findUser(name: string): Promise<SystemUser> {
  try {
    // The system's own tool also knows users that are not in /etc/passwd. "--": a name is never an option.
    const [uid, gid] = await Promise.all(['-u', '-g'].map(async (what) => (await run('id', [what, '--', name])).stdout))
    return { name, uid: Number(uid), gid: Number(gid) }
  } catch (cause) {
    throw new BoottorrentError('CONFIGURATION', `This system has no user ${name}.`, {
      hint: 'Correct network.user (in an older file dnsmasq.user), or leave it out.',
      cause,
    })
  }
}

/**
 * Gives up root for good. What the server goes on writing, in these folders, is given to the user first.
 *
 * Ports that are bound stay bound; the threads of this process change with it.
 *
 * @throws BoottorrentError PERMISSION when the user may not read something that is served
 */
export async function becomeUser(
  user: SystemUser,
  paths: { readonly written: readonly string[]; readonly read: readonly string[] },
): Promise<void> {
  for (const folder of paths.written) await giveTo(user, folder)
  process.setgroups?.([])
  process.setgid?.(user.gid)
  process.setuid?.(user.uid)
  for (const name of paths.read) {
    await checkReadable(name).catch((cause) => {
      throw new BoottorrentError('PERMISSION', `The user ${user.name} may not read ${name}.`, {
        hint: 'Give everybody the right to read it and every folder above it (chmod a+rX), or choose another user.',
        cause,
      })
    })
  }
}

async function checkReadable(name: string): Promise<void> {
  const isFolder = (await stat(name)).isDirectory()
  await access(name, isFolder ? constants.R_OK | constants.X_OK : constants.R_OK)
}

async function giveTo({ uid, gid }: SystemUser, folder: string): Promise<void> {
  await chown(folder, uid, gid)
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    // A link could lead to a file of somebody else, and a file become a link meanwhile: what is given away is never its target.
    if (!entry.isSymbolicLink()) await lchown(path.join(entry.parentPath, entry.name), uid, gid)
  }
}
