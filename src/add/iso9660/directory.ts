/** The records of one folder of an ISO 9660 image (ECMA-119 section 9.1) and their Rock Ridge fields. */

export interface IsoEntry {
  readonly name: string
  readonly type: 'file' | 'directory' | 'symlink'
  /** Where a symbolic link leads. */
  readonly target: string
  /** Where its bytes lie, in order; large files have several pieces. */
  readonly extents: readonly { readonly sector: number; readonly length: number }[]
  readonly size: number
}

export interface DirectoryOptions {
  /** Whether names are UCS-2, big-endian. */
  readonly isJoliet: boolean
  /** Reads more of a record's fields from elsewhere in the image. */
  continuation(sector: number, offset: number, length: number): Promise<Buffer>
}

const SECTOR = 2048
const FLAG_DIRECTORY = 0x02
/** Section 9.1.6: another record with more of the same file follows. */
const FLAG_MORE = 0x80
const MOST_ENTRIES = 100_000
const MOST_CONTINUATIONS = 8
const LONGEST_CONTINUATION = 2048

export async function readDirectory(bytes: Buffer, options: DirectoryOptions): Promise<IsoEntry[]> {
  const entries: IsoEntry[] = []
  let offset = 0
  let pieces: { sector: number; length: number }[] = []
  while (offset < bytes.length && entries.length < MOST_ENTRIES) {
    const length = bytes[offset] as number
    if (length === 0) {
      // A record never crosses a sector: the rest of this one is empty.
      offset = (Math.floor(offset / SECTOR) + 1) * SECTOR
      continue
    }
    const record = bytes.subarray(offset, offset + length)
    offset += length
    const idLength = record[32] ?? 0
    // Shorter than its fixed part, or than the name it claims: what follows cannot be trusted either.
    if (record.length < 34 || record.length < length || 33 + idLength > length) break
    const isSelfOrParent = idLength === 1 && (record[33] as number) <= 1
    if (isSelfOrParent) continue
    const flags = record[25] as number
    pieces.push({ sector: record.readUInt32LE(2), length: record.readUInt32LE(10) })
    if ((flags & FLAG_MORE) !== 0 && pieces.length < MOST_ENTRIES) continue
    entries.push(await entryOf(record, pieces, options))
    pieces = []
  }
  return entries
}

async function entryOf(record: Buffer, extents: IsoEntry['extents'], options: DirectoryOptions): Promise<IsoEntry> {
  const idLength = record[32] as number
  const id = record.subarray(33, 33 + idLength)
  const isDirectory = ((record[25] as number) & FLAG_DIRECTORY) !== 0
  const size = extents.reduce((sum, { length }) => sum + length, 0)
  const systemUse = record.subarray(33 + idLength + (idLength % 2 === 0 ? 1 : 0))
  const fields = options.isJoliet ? NO_FIELDS : await readFields(systemUse, options)
  const type = fields.target === undefined ? (isDirectory ? 'directory' : 'file') : 'symlink'
  return { name: fields.name ?? plainName(id, options.isJoliet), type, target: fields.target ?? '', extents, size }
}

/** Without Rock Ridge a name has a version behind it, and a dot even when nothing follows. */
function plainName(id: Buffer, isJoliet: boolean): string {
  const name = isJoliet
    ? Buffer.from(id.subarray(0, id.length & ~1))
        .swap16()
        .toString('utf16le')
    : id.toString('latin1')
  return name.replace(/;\d+$/, '').replace(/\.$/, '')
}

interface RockRidge {
  readonly name: string | undefined
  readonly target: string | undefined
}

const NO_FIELDS: RockRidge = { name: undefined, target: undefined }

/** SUSP and Rock Ridge: NM is the name, SL the target of a symbolic link, CE says where more fields are. */
async function readFields(start: Buffer, options: DirectoryOptions): Promise<RockRidge> {
  let area = start
  let name: string | undefined
  let target: string | undefined
  for (let hop = 0; hop <= MOST_CONTINUATIONS; hop += 1) {
    let next: { sector: number; offset: number; length: number } | undefined
    let offset = 0
    while (offset + 4 <= area.length) {
      const length = area[offset + 2] as number
      if (length < 4 || offset + length > area.length) break
      const field = area.subarray(offset, offset + length)
      const tag = field.toString('latin1', 0, 2)
      offset += length
      if (tag === 'ST') break
      if (tag === 'NM' && length >= 5) name = (name ?? '') + field.toString('utf8', 5)
      else if (tag === 'SL' && length >= 5) target = (target ?? '') + linkTarget(field.subarray(5), target)
      else if (tag === 'CE' && length >= 28) {
        next = { sector: field.readUInt32LE(4), offset: field.readUInt32LE(12), length: field.readUInt32LE(20) }
      }
    }
    if (next === undefined || next.length > LONGEST_CONTINUATION) break
    area = await options.continuation(next.sector, next.offset, next.length)
  }
  return { name: name === '' ? undefined : name, target }
}

/** Components of a link: flags, length, bytes. Flag 2 is `.`, 4 is `..`, 8 the root. */
function linkTarget(components: Buffer, before: string | undefined): string {
  const parts: string[] = []
  let offset = 0
  while (offset + 2 <= components.length) {
    const flags = components[offset] as number
    const length = components[offset + 1] as number
    if (flags & 8) parts.push('')
    else if (flags & 4) parts.push('..')
    else if (flags & 2) parts.push('.')
    else parts.push(components.toString('utf8', offset + 2, offset + 2 + length))
    offset += 2 + length
  }
  const joined = parts.join('/')
  return before === undefined || before.endsWith('/') ? joined : `/${joined}`
}
