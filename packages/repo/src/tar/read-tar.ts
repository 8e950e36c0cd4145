import type { ByteSource } from './byte-source.ts'
import { type MoreOfNext, parsePax, parseTarHeader, TarFault, type TarHeader, type TarKind, textAt } from './tar-header.ts'
import { BLOCK_BYTES } from './ustar-header.ts'

/** A member as it lies in the tar. */
export interface TarEntry {
  readonly name: string
  readonly kind: Exclude<TarKind, 'sparse' | 'pax' | 'path' | 'about'>
  /** To be called before the next member is asked for, if at all. */
  payload(): Promise<Uint8Array>
}

/** A member must fit into memory; a header that claims more is taken for damage. */
const MAX_MEMBER_BYTES = 2 ** 31 - 1
/** Of what is said about the next member. */
const MAX_ABOUT_BYTES = 2 ** 20
/** Blocks of zeros that end a tar. */
const END_BLOCKS = 2

/** The members of a tar in order. @throws {TarFault} */
export async function* readTar(input: ByteSource): AsyncGenerator<TarEntry> {
  let more: MoreOfNext = {}
  let zeroBlocks = 0
  while (true) {
    const block = await input.take(BLOCK_BYTES)
    if (block.length === 0) break
    if (block.length < BLOCK_BYTES) throw truncated()
    if (block.every((byte) => byte === 0)) {
      zeroBlocks += 1
      continue
    }
    zeroBlocks = 0
    const header = withMore(parseTarHeader(block), more)
    const { name, kind, sizeBytes } = header
    if (kind === 'about' || kind === 'path' || kind === 'pax') {
      if (sizeBytes > MAX_ABOUT_BYTES) throw new TarFault(`a header of ${sizeBytes} bytes`, `at most ${MAX_ABOUT_BYTES}`)
      const text = await takePayload(input, sizeBytes)
      if (kind === 'path') more = { ...more, name: textAt(text, 0, text.length) }
      if (kind === 'pax') more = { ...more, ...parsePax(text) }
      continue
    }
    if (kind === 'sparse' || more.isSparse === true) throw new TarFault('a sparse member', 'members in one piece', name)
    if (sizeBytes > MAX_MEMBER_BYTES) throw new TarFault(`a member of ${sizeBytes} bytes`, `at most ${MAX_MEMBER_BYTES}`, name)
    more = {}
    const after = input.position + sizeBytes + padding(sizeBytes)
    yield { name, kind, payload: () => takePayload(input, sizeBytes) }
    const left = after - input.position
    if ((await input.skip(left)) < left) throw truncated()
  }
  // Without the zero blocks at its end a tar may have been cut between two members, which nothing else would show.
  if (zeroBlocks < END_BLOCKS) throw new TarFault('no end-of-archive blocks', 'a whole tar')
}

/** With what was said about it before. Only what has a payload can be of another size. */
function withMore(header: TarHeader, more: MoreOfNext): TarHeader {
  if (header.kind !== 'file' && header.kind !== 'other') return header
  return { ...header, name: more.name || header.name, sizeBytes: more.sizeBytes ?? header.sizeBytes }
}

async function takePayload(input: ByteSource, sizeBytes: number): Promise<Uint8Array> {
  const bytes = await input.take(sizeBytes)
  if (bytes.length < sizeBytes || (await input.skip(padding(sizeBytes))) < padding(sizeBytes)) throw truncated()
  return bytes
}

function padding(sizeBytes: number): number {
  return (BLOCK_BYTES - (sizeBytes % BLOCK_BYTES)) % BLOCK_BYTES
}

function truncated(): TarFault {
  return new TarFault('the end of the bytes', 'the rest of a member')
}
