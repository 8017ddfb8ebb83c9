import { Box, Text } from 'ink'
import { colour } from './theme.ts'

export interface NoticeProps {
  readonly tone: keyof typeof colour
  /** One character before the title. */
  readonly mark: string
  readonly title: string
  /** What to do, or what it means. */
  readonly body?: string
  /** The exact words of whoever said no, below. */
  readonly details?: readonly string[]
}

/** Something that has happened: a success, a failure, with what to do about it. */
export function Notice({ tone, mark, title, body = '', details = [] }: NoticeProps) {
  return (
    <Box flexDirection="column">
      <Text bold color={colour[tone]}>
        {mark} {title}
      </Text>
      {body === '' ? null : (
        <Box marginTop={1}>
          <Text bold>{body}</Text>
        </Box>
      )}
      {details.length === 0 ? null : (
        <Box marginTop={1} flexDirection="column">
          {details.map((line, index) => (
            // Lines of a log may repeat: their place is all that tells them apart.
            // biome-ignore lint/suspicious/noArrayIndexKey: see above
            <Text key={index} wrap="truncate">
              {line}
            </Text>
          ))}
        </Box>
      )}
    </Box>
  )
}
