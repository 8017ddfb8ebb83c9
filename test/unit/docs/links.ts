/** Links in Markdown, as far as our documents use them. */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** What is wrong with the links of one file: files and headings that are not there. Links to other hosts are left alone. */
export function brokenLinks(file: string): string[] {
  const text = withoutCode(readFileSync(file, 'utf8'))
  const targets = [...text.matchAll(/\[(?:[^\]]|\][^(])*\]\(([^)\s]+)\)/g)].map(([, target = '']) => target)
  return targets.filter((target) => !/^[a-z]+:/.test(target)).flatMap((target) => problemOf(file, target))
}

function problemOf(file: string, target: string): string[] {
  const [place = '', anchor] = target.split('#')
  const other = place === '' ? file : path.join(path.dirname(file), decodeURIComponent(place))
  if (!existsSync(other)) return [`${target}: there is no such file`]
  if (anchor === undefined) return []
  return anchorsOf(readFileSync(other, 'utf8')).has(anchor) ? [] : [`${target}: there is no such heading`]
}

/** The anchors that GitHub gives to headings: letters, digits, hyphens and spaces; equal ones are numbered. */
export function anchorsOf(text: string): Set<string> {
  const anchors = new Set<string>()
  for (const [, heading = ''] of withoutBlocks(text).matchAll(/^#{1,6} (.+)$/gm)) {
    const shown = heading.replace(/&[a-z]+;/g, '').replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    const kept = shown.toLowerCase().replace(/[^\p{L}\p{N}\p{M}_\- ]/gu, '')
    const anchor = kept.replaceAll(' ', '-')
    let unique = anchor
    for (let count = 1; anchors.has(unique); count += 1) unique = `${anchor}-${count}`
    anchors.add(unique)
  }
  return anchors
}

function withoutCode(text: string): string {
  return withoutBlocks(text).replace(/`[^`\n]*`/g, '')
}

function withoutBlocks(text: string): string {
  return text.replace(/^```.*?^```$/gms, '')
}
