import type { Random } from '../random.ts'
import type { Mutate } from '../target.ts'
import { INTERESTING, mutateBytes } from './bytes.ts'

const BLOCK = 512

/** Changes the fields of headers, puts extension headers in front of members, and moves members about. */
export const mutateTar: Mutate<Uint8Array> = (random, input, corpus) => {
  let tar: Buffer = Buffer.from(input)
  do {
    const headers = headersOf(tar)
    if (headers.length === 0 || random.oneIn(5)) return mutateBytes(random, tar, corpus)
    const at = random.pick(headers)
    tar = random.oneIn(3) ? insertExtension(tar, at, random) : changeField(tar, at, random)
  } while (!random.oneIn(2))
  return new Uint8Array(tar)
}

const NUMBERS = [
  [100, 8],
  [108, 8],
  [124, 12],
  [136, 12],
] as const
const TEXTS = [
  [0, 100],
  [157, 100],
  [257, 8],
  [345, 155],
] as const
const TYPES = '0\x001234567xgLKSDVAN\xff'
const NAMES = [
  '',
  '.',
  '..',
  '/',
  '../../etc/passwd',
  '/abs.msgpack',
  'a/../b.msgpack',
  '__x__.msgpack',
  '.msgpack',
  'a..msgpack',
  'é.msgpack',
]

/** Where headers lie, by the sizes they claim. */
function headersOf(tar: Buffer): number[] {
  const headers: number[] = []
  for (let at = 0; at + BLOCK <= tar.length && tar[at] !== 0; ) {
    headers.push(at)
    const size = Number.parseInt(tar.toString('latin1', at + 124, at + 136), 8)
    at += BLOCK + (size >= 0 ? Math.ceil(size / BLOCK) * BLOCK : 0)
  }
  return headers
}

function changeField(tar: Buffer, at: number, random: Random): Buffer {
  const header = tar.subarray(at, at + BLOCK)
  const what = random.below(5)
  if (what === 0) header[156] = TYPES.charCodeAt(random.below(TYPES.length))
  else if (what === 1) {
    const [start, length] = random.pick(TEXTS)
    header.fill(0, start, start + length)
    header.write(random.oneIn(3) ? 'x'.repeat(length) : random.pick(NAMES), start, length)
  } else {
    // Of the numbers, size is the one that moves everything behind it.
    const [start, length] = random.oneIn(2) ? NUMBERS[2] : random.pick(NUMBERS)
    numberField(random, length).copy(header, start)
  }
  if (!random.oneIn(6)) fixChecksum(header)
  return tar
}

/** Octal as it should be, octal that fills the field, base-256 of either sign, and what is no number. */
function numberField(random: Random, length: number): Buffer {
  const value = random.oneIn(2) ? BigInt(random.below(4096)) : random.pick(INTERESTING)
  const field = Buffer.alloc(length)
  const form = random.below(4)
  if (form === 0)
    field.write(
      value
        .toString(8)
        .padStart(length - 1, '0')
        .slice(-length),
      'latin1',
    )
  else if (form === 1) field.write(random.pick(['', ' ', '-1', '9', '777777777777', '0x10', '1e9', '17 7', '\xff']), 'latin1')
  else {
    for (let i = 0; i < length; i++) field[length - 1 - i] = Number((value >> BigInt(8 * i)) & 0xffn)
    field[0] = form === 2 ? 0x80 : 0xff
  }
  return field
}

function insertExtension(tar: Buffer, at: number, random: Random): Buffer {
  const body = random.oneIn(3) ? Buffer.from(longName(random)) : paxBody(random)
  const header = Buffer.from(tar.subarray(at, at + BLOCK))
  header.write(`${body.length.toString(8).padStart(11, '0')}\0`, 124)
  header[156] = random.pick([...'xgLK']).charCodeAt(0)
  fixChecksum(header)
  const padding = Buffer.alloc((BLOCK - (body.length % BLOCK)) % BLOCK)
  return Buffer.concat([tar.subarray(0, at), header, body, padding, tar.subarray(at)])
}

function longName(random: Random): string {
  return random.pick([...NAMES, 'n/'.repeat(2000), 'x'.repeat(70_000)]) + random.pick(['', '\0', '\0\0\0', '.msgpack\0'])
}

function paxBody(random: Random): Buffer {
  const records = Array.from({ length: 1 + random.below(4) }, () => {
    const key = random.pick([
      'path',
      'size',
      'linkpath',
      'mtime',
      'GNU.sparse.size',
      'GNU.sparse.name',
      '__proto__',
      'type',
      'name',
      '',
    ])
    const value = random.oneIn(2) ? random.pick(NAMES) : String(random.pick([...INTERESTING, 'NaN', '1e3', '']))
    const text = ` ${key}${random.oneIn(8) ? '' : '='}${value}${random.oneIn(8) ? '' : '\n'}`
    const honest = Buffer.byteLength(text) + String(Buffer.byteLength(text) + 2).length
    return `${random.oneIn(3) ? random.pick(['0', '', '-1', '1', '9', '99999999999', 'x', honest + 1, honest - 1]) : honest}${text}`
  })
  return Buffer.from(records.join(''))
}

function fixChecksum(header: Buffer): void {
  header.fill(0x20, 148, 156)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
}
