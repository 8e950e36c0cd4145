/**
 * Reading tar headers: POSIX.1-1988 (ustar), POSIX.1-2001 (pax) and GNU's long names
 * (https://www.gnu.org/software/tar/manual/html_node/Standard.html). Nothing in a header is believed before its checksum is right.
 */
export interface TarHeader {
  readonly name: string
  readonly sizeBytes: number
  readonly kind: TarKind
}

/**
 * `special`: links, devices; nothing follows the header. `other`: kinds that we do not know, with a payload. `pax` and `path` (GNU's long name) are
 * about the next member; `about`: so are these, but of no use here.
 */
export type TarKind = 'file' | 'directory' | 'special' | 'other' | 'sparse' | 'pax' | 'path' | 'about'

/** What a header says of the next one. */
export interface MoreOfNext {
  readonly name?: string | undefined
  readonly sizeBytes?: number | undefined
  readonly isSparse?: boolean | undefined
}

/** What is wrong with the bytes of a tar. */
export class TarFault extends Error {
  readonly member: string
  readonly found: string
  readonly wanted: string

  constructor(found: string, wanted: string, member = '') {
    super(`found ${found}, wanted ${wanted}`)
    this.member = member
    this.found = found
    this.wanted = wanted
  }
}

const TAR = 'a whole tar, not compressed'
const CHECKSUM_AT = 148
const CHECKSUM_BYTES = 8
const SPACE = 0x20
const ZERO = 0x30
const PREFIX_AT = 345

const KINDS: Readonly<Record<string, TarKind>> = {
  '\0': 'file',
  0: 'file',
  7: 'file',
  1: 'special',
  2: 'special',
  3: 'special',
  4: 'special',
  5: 'directory',
  6: 'special',
  g: 'about',
  K: 'about',
  x: 'pax',
  L: 'path',
  N: 'path',
  S: 'sparse',
}

/** @throws {TarFault} */
export function parseTarHeader(block: Uint8Array): TarHeader {
  if (checksumOf(block) !== numberAt(block, CHECKSUM_AT, CHECKSUM_BYTES))
    throw new TarFault('a header with a wrong checksum', TAR)
  const bare = textAt(block, 0, 100)
  const name = block[PREFIX_AT] !== 0 && isUstar(block) ? `${textAt(block, PREFIX_AT, 155)}/${bare}` : bare
  const sizeBytes = numberAt(block, 124, 12)
  if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0) throw new TarFault('a size that is no number', TAR)
  const kind = KINDS[String.fromCharCode(block[156]!)] ?? 'other'
  if (kind === 'file' && name.endsWith('/')) return { name, sizeBytes: 0, kind: 'directory' }
  return { name, sizeBytes: kind === 'directory' || kind === 'special' ? 0 : sizeBytes, kind }
}

/** `LENGTH key=value\n`, one after another; the length counts itself. @throws {TarFault} */
export function parsePax(records: Uint8Array): MoreOfNext {
  const more: { name?: string; sizeBytes?: number; isSparse?: boolean } = {}
  for (let at = 0; at < records.length; ) {
    const space = records.indexOf(SPACE, at)
    const digits = utf8.decode(records.subarray(at, Math.max(space, at)))
    const length = /^\d{1,8}$/.test(digits) ? Number(digits) : 0
    if (length <= space - at || at + length > records.length || length === 0)
      throw new TarFault('a pax header with a record of another length', TAR)
    const record = utf8.decode(records.subarray(space + 1, at + length - 1))
    const [key, value] = [record.slice(0, record.indexOf('=')), record.slice(record.indexOf('=') + 1)]
    if (key === 'path') more.name = value
    if (key === 'size') more.sizeBytes = /^\d{1,15}$/.test(value) ? Number(value) : wrongSize()
    if (key.startsWith('GNU.sparse.')) more.isSparse = true
    at += length
  }
  return more
}

/** Text up to the first zero. */
export function textAt(bytes: Uint8Array, at: number, length: number): string {
  const field = bytes.subarray(at, at + length)
  const end = field.indexOf(0)
  return utf8.decode(end < 0 ? field : field.subarray(0, end))
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })

/** Octal digits up to a space or zero, or after the byte 0x80 a number to the base 256. `NaN` for anything else. */
function numberAt(block: Uint8Array, start: number, length: number): number {
  const end = start + length
  let at = start
  let number = 0
  if (block[at] === 0x80) {
    while (++at < end) number = number * 256 + block[at]!
    return number
  }
  while (at < end && block[at] === SPACE) at += 1
  for (; at < end && block[at] !== SPACE && block[at] !== 0; at++) {
    const digit = block[at]! - ZERO
    if (digit < 0 || digit > 7) return Number.NaN
    number = number * 8 + digit
  }
  return number
}

/** What GNU writes has other things in the place of the prefix. */
function isUstar(block: Uint8Array): boolean {
  return textAt(block, 257, 6) === 'ustar' && block[262] === 0
}

/** The sum of all bytes, those of the checksum taken for spaces. */
function checksumOf(block: Uint8Array): number {
  let sum = CHECKSUM_BYTES * SPACE
  for (let i = 0; i < CHECKSUM_AT; i++) sum += block[i]!
  for (let i = CHECKSUM_AT + CHECKSUM_BYTES; i < block.length; i++) sum += block[i]!
  return sum
}

function wrongSize(): never {
  throw new TarFault('a size that is no number', TAR)
}
