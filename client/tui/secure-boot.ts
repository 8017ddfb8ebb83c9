import type { ClientOs } from '../contract.ts'
import { Failure } from './failure.ts'
import type { Settings } from './settings.ts'

/**
 * A kernel that Secure Boot has locked down replaces itself only by a signed one: said before anything is downloaded.
 *
 * @throws {Failure}
 */
export function refuseUnsigned({ isLockedDown }: Pick<Settings, 'isLockedDown'>, os: ClientOs): void {
  if (!isLockedDown || os.method !== 'kexec' || os.signed) return
  throw new Failure(`${os.displayName} cannot start here: Secure Boot is on, and its kernel is not signed by Debian.`, {
    todo: 'Switch Secure Boot off in the firmware of this machine, or choose another system.',
  })
}
