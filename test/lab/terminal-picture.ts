/** A terminal's screen as a picture: text with colours (ECMA-48, section 8.3.117) becomes SVG. */

interface Style {
  readonly bold: boolean
  readonly dim: boolean
  readonly foreground: string | undefined
  readonly background: string | undefined
}

const plain: Style = { bold: false, dim: false, foreground: undefined, background: undefined }
/** The eight colours, and those of the text and of the screen. */
const palette = ['#45475a', '#f38ba8', '#a6e3a1', '#f9e2af', '#3b6fd4', '#cba6f7', '#89dceb', '#ffffff']
const ink = '#cdd6f4'
const paper = '#1e1e2e'
/** Pixels of one character. */
const cell = { width: 8.4, height: 17 }
const margin = 12

/** @param screen as `tmux capture-pane -e -p` prints it */
export function screenToSvg(screen: string, columns: number, rows: number): string {
  let style = plain
  const shapes: string[] = []
  for (const [row, line] of screen.split('\n').slice(0, rows).entries()) {
    let column = 0
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one
    for (const part of line.split(/(\u001b\[[\d;]*m)/)) {
      if (part.startsWith('\u001b')) {
        style = part.slice(2, -1).split(';').map(Number).reduce(styled, style)
        continue
      }
      if (part !== '') shapes.push(drawn(part, column, row, style))
      column += part.length
    }
  }
  const width = Math.ceil(columns * cell.width + 2 * margin)
  const height = rows * cell.height + 2 * margin
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    '<title>A terminal</title>',
    `<rect width="100%" height="100%" rx="8" fill="${paper}"/>`,
    `<g font-family="ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace" font-size="14">`,
    ...shapes,
    '</g></svg>\n',
  ].join('\n')
}

function styled(style: Style, code: number): Style {
  if (code === 0) return plain
  if (code === 1) return { ...style, bold: true }
  if (code === 2) return { ...style, dim: true }
  if (code === 22) return { ...style, bold: false, dim: false }
  if (code >= 30 && code <= 37) return { ...style, foreground: palette[code - 30] }
  if (code === 39) return { ...style, foreground: undefined }
  if (code >= 40 && code <= 47) return { ...style, background: palette[code - 40] }
  return code === 49 ? { ...style, background: undefined } : style
}

function drawn(text: string, column: number, row: number, { bold, dim, foreground, background }: Style): string {
  const x = margin + column * cell.width
  const y = margin + row * cell.height
  const width = text.length * cell.width
  const place = `x="${x.toFixed(1)}" y="${(y + 13).toFixed(1)}" textLength="${width.toFixed(1)}" lengthAdjust="spacingAndGlyphs"`
  const look = `fill="${foreground ?? ink}"${bold ? ' font-weight="bold"' : ''}${dim ? ' opacity="0.55"' : ''}`
  const box =
    background === undefined
      ? ''
      : `<rect x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${cell.height}" fill="${background}"/>`
  return text.trim() === '' ? box : `${box}<text ${place} ${look}>${escaped(text)}</text>`
}

/** Blanks that stand side by side would be drawn as one. */
function escaped(text: string): string {
  return text.replaceAll(' ', '\u00a0').replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
