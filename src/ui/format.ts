/** Numbers and names as people read them. */

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const

/** `1234567` → `1.2 MB`. Decimal units, at most one digit after the point. */
export function formatBytes(bytes: number): string {
  let value = Math.max(0, bytes)
  let unit = 0
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000
    unit += 1
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1
  return `${value.toFixed(digits)} ${UNITS[unit]}`
}

/** Bytes per second: `11.8 MB/s`. */
export function formatSpeed(bytesPerSecond: number): string {
  return `${formatBytes(bytesPerSecond)}/s`
}

/** `45 s`, `2 min 05 s`, `1 h 02 min`. What nobody knows yet is `-`. */
export function formatDuration(seconds: number | undefined): string {
  if (seconds === undefined || !Number.isFinite(seconds)) return '-'
  const whole = Math.max(0, Math.ceil(seconds))
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${twoDigits(whole % 60)} s`
  return `${Math.floor(whole / 3600)} h ${twoDigits(Math.floor((whole % 3600) / 60))} min`
}

/** Whole percent, 100 only when everything is there. */
export function percentage(part: number, whole: number): number {
  if (whole <= 0) return 0
  return Math.min(100, Math.max(0, Math.floor((part / whole) * 100)))
}

/** Text from elsewhere made safe to show: no control or format characters, one line, at most `limit` characters. */
export function cleanText(text: string, limit = 200): string {
  const clean = text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '?')
  return clean.length <= limit ? clean : `${clean.slice(0, limit - 3)}...`
}

/** Text in lines of at most `width` characters, broken between words where that is possible. */
export function wrapText(text: string, width: number): string[] {
  const lines: string[] = []
  let rest = text.trim()
  while (rest.length > width) {
    const space = rest.lastIndexOf(' ', width)
    const end = space > 0 ? space : width
    lines.push(rest.slice(0, end).trimEnd())
    rest = rest.slice(end).trimStart()
  }
  lines.push(rest)
  return lines
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0')
}
