import { readFile, stat } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import { ShardexError } from '@shardex/errors'
import { decodeOffsetIndex, INDEX_SUFFIX, type OffsetIndex, type TarMember } from '@shardex/repo'
import { messageOf, sourceInvalid } from '../source-error.ts'

/** docs/formats/offset-index.md; other programs put other files of the same ending beside a tar. */
const MAGIC = Buffer.from('SHXIDX\0', 'latin1')
const MAX_BYTES = 2 ** 30

/** The offset index beside a tar, if the tar is one of our own shards. */
export async function findShardIndex(path: string, sizeBytes: number): Promise<OffsetIndex | undefined> {
  const indexPath = path + INDEX_SUFFIX
  const bytes = await readIfFile(indexPath, Math.min(MAX_BYTES, sizeBytes))
  if (bytes === undefined || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) return undefined
  const index = decodeOffsetIndex(bytes, indexPath)
  if (index.shardSizeBytes === sizeBytes) return index
  throw damaged(path, 0, '', `${sizeBytes} bytes`, `the ${index.shardSizeBytes} bytes of its offset index`)
}

/** Follows the members of a shard and compares each with its row of the offset index. */
export class ShardCheck {
  readonly #path: string
  readonly #index: OffsetIndex
  #sample = 0

  constructor(path: string, index: OffsetIndex) {
    this.#path = path
    this.#index = index
  }

  /** @throws {ShardexError} `shard.corrupt` with the offset and key of what is not as it was written */
  next({ key, extension, bytes }: TarMember): void {
    const index = this.#index
    const { sampleCount, offsets, sizes, crcs } = index
    const sample = this.#sample++
    if (sample === sampleCount) throw damaged(this.#path, 0, key, 'a sample more', `the ${sampleCount} of its offset index`)
    const offset = offsets[sample] as number
    const [found, wanted] = [`${key}.${extension}`, `${index.keyAt(sample)}.msgpack`]
    if (found !== wanted) throw damaged(this.#path, offset, index.keyAt(sample), `the member ${found}`, wanted)
    if (bytes.length !== sizes[sample])
      throw damaged(this.#path, offset, key, `${bytes.length} bytes`, `the ${sizes[sample]} bytes that were written`)
    const crc = crc32(bytes)
    if (crc !== crcs[sample]) throw damaged(this.#path, offset, key, `CRC-32 ${hex(crc)}`, hex(crcs[sample] as number))
  }

  /** @throws {ShardexError} `shard.corrupt` if samples are missing */
  end(): void {
    const [index, sample] = [this.#index, this.#sample]
    if (sample === index.sampleCount) return
    const [found, wanted] = [`the end after ${sample} samples`, `the ${index.sampleCount} of its offset index`]
    throw damaged(this.#path, index.offsets[sample] as number, index.keyAt(sample), found, wanted)
  }
}

/** `undefined` for what is not there or no file. */
async function readIfFile(path: string, maxBytes: number): Promise<Buffer | undefined> {
  try {
    const found = await stat(path)
    if (!found.isFile()) return undefined
    if (found.size <= maxBytes) return await readFile(path)
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined
    const message = `cannot read ${path}, which the tar beside it is checked with: ${messageOf(cause)}`
    throw new ShardexError('storage.denied', { url: path }, { message, cause })
  }
  throw sourceInvalid(path, { found: `more than ${maxBytes} bytes`, wanted: 'an offset index, which is smaller than its tar' })
}

function damaged(shard: string, offset: number, sample: string, found: string, wanted: string): ShardexError {
  const what = sample === '' ? '' : ` at sample ${JSON.stringify(sample)}, byte ${offset}`
  const message = `${shard} is damaged${what}: found ${found}, wanted ${wanted}. Restore it from a copy; if it was changed on purpose, move ${shard}${INDEX_SUFFIX} away`
  return new ShardexError('shard.corrupt', { shard, offset, sample, found, wanted }, { message })
}

function hex(crc: number): string {
  return crc.toString(16).padStart(8, '0')
}
