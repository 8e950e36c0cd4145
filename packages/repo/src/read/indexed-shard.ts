import type { ShardexError } from '@shardex/errors'
import type { ObjectBody } from '@shardex/storage'
import type { OffsetIndex } from '../shard/offset-index.ts'
import { type RawSample, type SampleCheck, shardTruncated } from './raw-sample.ts'

/**
 * Cut a stream of shard bytes into samples where the offset index says, checking each. One array of samples per
 * chunk: iterating costs a promise per chunk and not per sample.
 * @param body the shard from its first byte on; what the index claims beyond its size is not believed
 * @param onDamage hears of each sample that is not what was written, which is passed over; by default it is thrown
 * @throws `shard.corrupt`, `shard.truncated`
 */
export async function* cutSamples(
  { chunks, sizeBytes }: Pick<ObjectBody, 'chunks' | 'sizeBytes'>,
  index: OffsetIndex,
  shard: string,
  check: SampleCheck,
  onDamage: (damage: ShardexError) => void = fail,
): AsyncGenerator<RawSample[]> {
  let sample = 0
  let position = 0
  let partial: { readonly payload: Uint8Array; filled: number } | undefined

  for await (const chunk of chunks) {
    const block: RawSample[] = []
    const chunkEnd = position + chunk.length
    while (sample < index.sampleCount) {
      const offset = index.offsets[sample]!
      const size = index.sizes[sample]!
      if (offset >= chunkEnd && size > 0) break
      let payload: Uint8Array
      if (partial === undefined && offset + size <= chunkEnd) {
        payload = chunk.subarray(offset - position, offset - position + size)
      } else {
        if (offset + size > sizeBytes) throw shardTruncated(shard, sizeBytes, index.shardSizeBytes)
        partial ??= { payload: new Uint8Array(size), filled: 0 }
        const piece = chunk.subarray(offset + partial.filled - position, offset + size - position)
        partial.payload.set(piece, partial.filled)
        partial.filled += piece.length
        if (partial.filled < size) break
        payload = partial.payload
        partial = undefined
      }
      const damage = check(sample, payload)
      if (damage === undefined) block.push({ key: index.keyAt(sample), payload })
      else onDamage(damage)
      sample += 1
    }
    position = chunkEnd
    if (block.length > 0) yield block
  }
  if (sample < index.sampleCount || position !== index.shardSizeBytes) throw shardTruncated(shard, position, index.shardSizeBytes)
}

function fail(error: ShardexError): never {
  throw error
}
