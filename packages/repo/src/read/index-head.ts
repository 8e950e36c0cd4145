import { isShardexError, ShardexError } from '@shardex/errors'
import type { CallOptions, Storage } from '@shardex/storage'
import type { ShardSize } from '../order/parameters.ts'
import { INDEX_SUFFIX, isOffsetIndex } from '../shard/offset-index.ts'

const HEAD_BYTES = 24
/** Each sample has a row in the index, and an index is held in memory: nobody can have more in a shard. */
const ROW_BYTES = 52
const MAX_SAMPLES = Math.floor(2 ** 30 / ROW_BYTES)

/** What is claimed of a shard is held against what can be, before memory is taken for it. @throws `index.corrupt` */
export function assertShardSize(shard: string, { sampleCount, sizeBytes }: ShardSize): void {
  if (isCount(sampleCount) && isCount(sizeBytes) && sampleCount <= MAX_SAMPLES) return
  const found = `${sampleCount} samples in ${sizeBytes} bytes`
  const wanted = `at most ${MAX_SAMPLES} samples`
  const message = `the size of ${shard} cannot be: found ${found}, wanted ${wanted}. Insert the dataset again.`
  throw new ShardexError('index.corrupt', { where: shard, found, wanted }, { message })
}

/** What the offset index beside a shard says of its size, by a read of 24 bytes; `undefined` if there is none. */
export async function readIndexHead(
  storage: Storage,
  shard: string,
  { signal }: CallOptions = {},
): Promise<ShardSize | undefined> {
  const { store, key } = await storage.locate(shard + INDEX_SUFFIX)
  const head = new Uint8Array(HEAD_BYTES)
  let indexBytes = 0
  try {
    const body = await store.get(key, { signal, range: { start: 0, end: HEAD_BYTES } })
    if (body === undefined) return undefined
    indexBytes = body.sizeBytes
    let filled = 0
    for await (const chunk of body.chunks) {
      head.set(chunk, filled)
      filled += chunk.length
    }
  } catch (error) {
    if (isShardexError(error, 'storage.corrupt')) return undefined // shorter than any index
    throw error
  }
  if (!isOffsetIndex(head)) return undefined
  const view = new DataView(head.buffer)
  const size = { sampleCount: view.getUint32(16, true), sizeBytes: Number(view.getBigUint64(8, true)) }
  if (indexBytes < HEAD_BYTES + size.sampleCount * ROW_BYTES) return undefined
  assertShardSize(shard, size)
  return size
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}
