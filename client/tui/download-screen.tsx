import { Box, Text } from 'ink'
import { Facts, formatBytes, formatDuration, formatSpeed, ProgressBar, percentage } from '../../src/ui/index.ts'
import { type Damage, sendersOf } from './damage.ts'
import { countOf, nameOf } from './naming.ts'
import type { State } from './state.ts'

export interface DownloadScreenProps {
  readonly state: Extract<State, { screen: 'download' }>
  /** In characters. */
  readonly width: number
}

/** How far a download is, and who helps. */
export function DownloadScreen({ state, width }: DownloadScreenProps) {
  const { item, status, sources } = state
  const total = status?.total || item.bytes
  const completed = status?.completed ?? 0
  const verified = status?.verified
  return (
    <Box flexDirection="column">
      <Text bold>
        {verified === undefined ? `Downloading ${nameOf(item)}` : `Checking what is here of ${nameOf(item)}`}
      </Text>
      <Box marginTop={1} marginBottom={1}>
        <ProgressBar width={width} percent={percentage(verified ?? completed, total)} />
      </Box>
      <Facts
        nameWidth={14}
        facts={[
          ['Received', `${formatBytes(completed)} of ${formatBytes(total)}`],
          ['Speed', formatSpeed(status?.downloadSpeed ?? 0)],
          ['Time left', formatDuration(state.secondsLeft)],
          // Not how many of them have everything: the server hides that it has (super-seeding).
          ['Connected', countOf(status?.peers ?? 0, 'machine')],
          [
            'From',
            `${formatBytes(sources?.fromServer ?? 0)} server, ${formatBytes(sources?.fromPeers ?? 0)} neighbours`,
          ],
          ['Given', `${formatBytes(status?.uploaded ?? 0)} to others, ${formatSpeed(status?.uploadSpeed ?? 0)}`],
          ...damageFacts(status?.damage),
        ]}
      />
      {state.remark === undefined ? null : (
        <Box marginTop={1}>
          <Text color="yellow">{state.remark}</Text>
        </Box>
      )}
    </Box>
  )
}

/** Only where there is any: it is rare. */
function damageFacts(damage: Damage | undefined): (readonly [string, string])[] {
  if (damage === undefined || damage.pieces === 0) return []
  return [['Damaged', `${countOf(damage.pieces, 'piece')}, last parts from ${sendersOf(damage)}, fetched again`]]
}
