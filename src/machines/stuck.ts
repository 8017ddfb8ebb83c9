/** When a machine no longer gets on, and why. */
import type { Step } from './steps.ts'

/** A machine that does not get on, in words for a person. */
export interface Stuck {
  /** What seems to be wrong and where to look, as one or two sentences. */
  readonly reason: string
  /** Milliseconds since 1970: the last time it got on. */
  readonly since: number
}

/** What the rules look at. Times are in milliseconds since 1970. */
export interface Standing {
  readonly step: Step
  readonly detail: string
  /** When it last got on: a new step, or more of a download. */
  readonly movedAt: number
  /** When anything at all was last heard of it. */
  readonly heardAt: number
  /** What last went wrong since it got on. */
  readonly trouble: string | undefined
  /** Whether it ever asked to be booted. */
  readonly isBooting: boolean
}

interface Rule {
  /** Seconds without getting on. */
  readonly after: number
  readonly reason: string
}

/**
 * How long each step may last. Slow machines are the measure: UEFI collects offers for 4 s, old iPXE waits 16 s for an IPv6
 * router, and a machine of 2005 unpacks Phase-1 in half a minute. A menu may wait for ever, and a started system is not ours.
 */
const rules: { readonly [step in Step]?: Rule } = {
  discover: {
    after: 30,
    reason: 'It asks for an address and takes none. Look for another DHCP server, or whether the range is used up.',
  },
  address: {
    after: 60,
    reason: 'It has an address and fetches no boot loader. Look whether the firewall lets TFTP (UDP port 69) through.',
  },
  loader: {
    after: 60,
    reason:
      'It has the boot loader and does not ask for the boot script. Secure Boot refuses loaders that it does not know.',
  },
  script: {
    after: 60,
    reason:
      'It has the boot script and does not fetch the kernel. Look whether the firewall lets the HTTP port through.',
  },
  kernel: {
    after: 120,
    reason: 'It has the kernel and not all of the initrd. Look at its screen and its network cable.',
  },
  segments: {
    after: 120,
    reason:
      'It has kernel and initrd, and Phase-1 does not report. Look at its screen: the kernel may not know its network card.',
  },
  phase1: { after: 60, reason: 'Phase-1 runs and shows no menu. Look at its screen.' },
  download: { after: 30, reason: 'The download does not begin. Look whether tracker and seeder can be reached.' },
  progress: { after: 30, reason: 'Nothing arrives any more. Look at its network cable and at the server.' },
  complete: { after: 60, reason: 'Everything is there and the system does not start. Look at its screen.' },
}

/** While it downloads and seeds it reports every other second, so silence means something (in seconds). */
const SILENCE = 20
const REPORTING: ReadonlySet<Step> = new Set(['progress', 'seeding'])
const SILENT = 'It does not report any more: it was switched off, or its network is gone.'

/** With a trouble that is known, nobody needs to wait as long (in seconds). */
const AFTER_TROUBLE = 15

/** Undefined while all is well, or nobody can know. */
export function stuckOf(standing: Standing, now: number): Stuck | undefined {
  const { step, detail, movedAt, heardAt, trouble } = standing
  if (step === 'failed') return { reason: detail, since: movedAt }
  // A telephone that looks for an address is none of our business.
  if (!standing.isBooting) return undefined
  const still = (now - movedAt) / 1000
  if (REPORTING.has(step) && now - heardAt > SILENCE * 1000) return { reason: SILENT, since: heardAt }
  const rule = rules[step]
  if (rule === undefined) return undefined
  if (trouble !== undefined && still > AFTER_TROUBLE) return { reason: trouble, since: movedAt }
  if (still <= rule.after) return undefined
  return { reason: remarkOf(step, detail) ?? rule.reason, since: movedAt }
}

/** A machine that waits says why itself, behind the percentage: `debian 40%: Nobody here has the missing pieces …`. */
function remarkOf(step: Step, detail: string): string | undefined {
  return step === 'progress' ? /%: (.+)$/.exec(detail)?.[1] : undefined
}
