/**
 * Tar headers as POSIX.1-1988 (ustar) and POSIX.1-2001 (pax) lay them out. Everything that does not come from the member is
 * constant (mode 0444, ids 0, mtime 0), so the same members give the same bytes on every machine.
 */
export const BLOCK_BYTES = 512

const NAME_BYTES = 100
const SIZE_AT = 124
const CHECKSUM_AT = 148
const REGULAR_FILE = 0x30
const PAX_HEADER = 0x78

const template = makeTemplate()
const templateSum = template.reduce((sum, byte) => sum + byte, 0)

/** Bytes that `headerBytes` says and `writeHeader` writes: one block, or three and more when the name needs a pax record. */
export function headerBytes(name: Uint8Array, ascii: boolean): number {
  return fitsUstar(name, ascii) ? BLOCK_BYTES : 2 * BLOCK_BYTES + padded(paxRecord(name).length)
}

/**
 * Write the header of a regular file at `at` and say where its payload begins.
 * @param name UTF-8; over 100 bytes or outside ASCII it is carried by a pax `path` record
 * @param sizeBytes of the payload, at most 8 GiB - 1 (eleven octal digits)
 */
export function writeHeader(target: Uint8Array, at: number, name: Uint8Array, ascii: boolean, sizeBytes: number): number {
  if (fitsUstar(name, ascii)) return writeBlock(target, at, name, sizeBytes, REGULAR_FILE)
  const record = paxRecord(name)
  const recordAt = writeBlock(target, at, Buffer.from('pax_header'), record.length, PAX_HEADER)
  target.set(record, recordAt)
  target.fill(0, recordAt + record.length, recordAt + padded(record.length))
  return writeBlock(target, recordAt + padded(record.length), asciiStandIn(name), sizeBytes, REGULAR_FILE)
}

/** Round up to whole blocks. */
export function padded(sizeBytes: number): number {
  return Math.ceil(sizeBytes / BLOCK_BYTES) * BLOCK_BYTES
}

function fitsUstar(name: Uint8Array, ascii: boolean): boolean {
  return ascii && name.length <= NAME_BYTES
}

function writeBlock(target: Uint8Array, at: number, name: Uint8Array, sizeBytes: number, type: number): number {
  target.set(template, at)
  let sum = templateSum + type
  for (let i = 0; i < name.length; i++) {
    const byte = name[i]!
    target[at + i] = byte
    sum += byte
  }
  sum += writeOctal(target, at + SIZE_AT, 11, sizeBytes)
  target[at + 156] = type
  writeOctal(target, at + CHECKSUM_AT, 6, sum)
  target[at + CHECKSUM_AT + 6] = 0
  return at + BLOCK_BYTES
}

/** Write `digits` octal digits and give back what they add to the checksum beyond the template's zeros. */
function writeOctal(target: Uint8Array, at: number, digits: number, value: number): number {
  let rest = value
  let sum = 0
  for (let i = digits - 1; i >= 0; i--) {
    const digit = rest % 8
    target[at + i] = 0x30 + digit
    sum += digit
    rest = (rest - digit) / 8
  }
  return sum
}

/** The pax record `LENGTH path=NAME\n`, whose length counts its own digits. */
function paxRecord(name: Uint8Array): Uint8Array {
  const rest = ' path='.length + name.length + 1
  let length = rest + String(rest).length
  if (rest + String(length).length !== length) length = rest + String(length).length
  return Buffer.concat([Buffer.from(`${length} path=`), name, Buffer.from('\n')])
}

/** What a reader without pax support sees. */
function asciiStandIn(name: Uint8Array): Uint8Array {
  return name.subarray(0, NAME_BYTES).map((byte) => (byte < 0x80 ? byte : 0x5f))
}

function makeTemplate(): Uint8Array {
  const block = Buffer.alloc(BLOCK_BYTES)
  block.write('0000444\0', 100)
  block.write('0000000\0', 108)
  block.write('0000000\0', 116)
  block.write('00000000000\0', SIZE_AT)
  block.write('00000000000\0', 136)
  block.write('        ', CHECKSUM_AT)
  block.write('ustar\x0000', 257)
  return block
}
