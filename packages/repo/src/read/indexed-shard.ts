import type { ObjectBody } from '@shardex/storage'
import type { OffsetIndex } from '../shard/offset-index.ts'
import type { Damage } from './damage.ts'
import { type RawSample, type SampleCheck, shardTruncated } from './raw-sample.ts'

/** Asked for each sample that is not what was written. What it gives takes the place of the sample; `undefined` passes it over. */
export type Instead = (damage: Damage, sample: number) => RawSample | undefined | Promise<RawSample | undefined>

export interface CutOptions {
  /** The first sample to give. Default 0. */
  readonly from?: number | undefined
  /** The one after the last to give. Default: all. */
  readonly to?: number | undefined
  /** Where in the shard the chunks begin, in bytes; not after that sample. Default 0. */
  readonly start?: number | undefined
  /** By default the damage is thrown. */
  readonly instead?: Instead | undefined
  /** Each block is done with when the next is asked for, and so are the chunks. Default false. */
  readonly reuse?: boolean | undefined
  /** Memory for all bytes of the chunks, in which the samples then lie; chunks may be parts of it that are in their place. */
  readonly memory?: Uint8Array | undefined
}

/**
 * Cut a stream of shard bytes into samples where the offset index says, checking each. One array of samples per
 * chunk: iterating costs a promise per chunk and not per sample. A check may write into the chunks, between the samples.
 * @param body what the index claims beyond the size of the shard is not believed
 * @throws `shard.corrupt`; `shard.truncated`, when all samples before the end of the bytes are given
 */
export async function* cutSamples(
  { chunks, sizeBytes }: Pick<ObjectBody, 'chunks' | 'sizeBytes'>,
  index: OffsetIndex,
  shard: string,
  check: SampleCheck,
  { from = 0, to = index.sampleCount, start = 0, instead = fail, reuse = false, memory }: CutOptions = {},
): AsyncGenerator<RawSample[]> {
  let sample = from
  let position = start
  let partial: { readonly payload: Uint8Array; filled: number } | undefined
  const allocate = reuse ? inTurns() : (size: number) => new Uint8Array(size)

  for await (const chunk of chunks) {
    const block: RawSample[] = []
    const chunkEnd = position + chunk.length
    const [held, heldFrom] = memory === undefined ? [chunk, position] : [memory, start]
    if (memory !== undefined && chunk.buffer !== memory.buffer) memory.set(chunk, position - start)
    while (sample < to) {
      const offset = index.offsets[sample]!
      const size = index.sizes[sample]!
      if ((offset >= chunkEnd && size > 0) || offset + size > sizeBytes) break
      let raw: RawSample
      let room = 0
      if (partial === undefined && offset + size <= chunkEnd) {
        raw = new CutSample(index, sample, held, offset - heldFrom)
        // The header of the sample, if that is held too: nobody needs it any more.
        room = offset - Math.max(heldFrom, endBefore(index, sample))
      } else if (memory !== undefined) {
        break
      } else {
        partial ??= { payload: allocate(size), filled: 0 }
        const piece = chunk.subarray(offset + partial.filled - position, offset + size - position)
        partial.payload.set(piece, partial.filled)
        partial.filled += piece.length
        if (partial.filled < size) break
        raw = new CutSample(index, sample, partial.payload, 0)
        partial = undefined
      }
      const damage = check(sample, raw.payload, room)
      const given = damage === undefined ? raw : await instead(damage, sample)
      if (given !== undefined) block.push(given)
      sample += 1
    }
    position = chunkEnd
    if (block.length > 0) yield block
  }
  const isWhole = to < index.sampleCount || position === index.shardSizeBytes
  if (sample < to || !isWhole) throw shardTruncated(shard, position, index.shardSizeBytes)
}

/** Key and payload are made when they are asked for: a shuffle holds very many samples for a while before it gives them out. */
class CutSample implements RawSample {
  readonly position: number
  readonly #index: OffsetIndex
  readonly #bytes: Uint8Array
  readonly #start: number

  constructor(index: OffsetIndex, position: number, bytes: Uint8Array, start: number) {
    this.position = position
    this.#index = index
    this.#bytes = bytes
    this.#start = start
  }

  get key(): string {
    return this.#index.keyAt(this.position)
  }

  get payload(): Uint8Array {
    return new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset + this.#start, this.#index.sizes[this.position])
  }
}

/** Memory for samples that lie in several chunks: one such is begun before the one before it is done with. */
function inTurns(): (size: number) => Uint8Array {
  let given = new Uint8Array()
  let other = new Uint8Array()
  return (size) => {
    const next = other.length < size ? new Uint8Array(size) : other
    other = given
    given = next
    return next.subarray(0, size)
  }
}

/** Where the payload of the sample before ends. */
function endBefore({ offsets, sizes }: OffsetIndex, sample: number): number {
  return sample === 0 ? 0 : offsets[sample - 1]! + sizes[sample - 1]!
}

function fail(damage: Damage): never {
  throw damage
}
