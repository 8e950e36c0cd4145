import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { isShardexError, ShardexError } from '@shardex/errors'
import { extract } from 'tar-stream'
import { MEMBER_SUFFIX } from '../shard/keys.ts'
import type { RawSample } from './raw-sample.ts'

/** One sample must fit into memory; a header that claims more is taken for damage. */
const MAX_SAMPLE_BYTES = 2 ** 31 - 1
const END_BYTES = 1024

/**
 * Read the samples of a tar that has no offset index, as atdata and webdataset write it: the key is the path up to the first dot
 * of its last part, other members and names like `__x__` are passed over.
 * @throws `shard.corrupt` for what is not a tar, is cut short, or holds a member that is not `.msgpack`
 */
export async function* readForeignShard(
  chunks: AsyncIterable<Uint8Array>,
  shard: string,
  signal?: AbortSignal,
): AsyncGenerator<RawSample[]> {
  const members = extract()
  let position = 0
  let trailingZeros = 0
  const counted = async function* () {
    for await (const chunk of chunks) {
      position += chunk.length
      trailingZeros = countTrailingZeros(chunk, trailingZeros)
      yield chunk
    }
  }
  const feeding = pipeline(Readable.from(counted(), { objectMode: false }), members, { signal })
  feeding.catch(() => {}) // the loop below sees the same error
  try {
    for await (const member of members) {
      const { name, type = 'file', size = 0 } = member.header
      const cut = cutName(name)
      if (type !== 'file' || cut === undefined) {
        member.resume()
        continue
      }
      if (size > MAX_SAMPLE_BYTES)
        throw corrupt(shard, position, cut.key, `a member of ${size} bytes`, `at most ${MAX_SAMPLE_BYTES}`)
      if (cut.extension !== MEMBER_SUFFIX) {
        throw corrupt(shard, position, cut.key, `the member "${name}"`, `one member "${cut.key}${MEMBER_SUFFIX}" per sample`)
      }
      const parts: Uint8Array[] = []
      for await (const part of member) parts.push(part as Uint8Array)
      yield [{ key: cut.key, payload: parts.length === 1 ? parts[0]! : Buffer.concat(parts) }]
    }
    await feeding
    // Without the zero blocks at its end a tar may have been cut between two members, which nothing else would show.
    if (trailingZeros < END_BYTES) throw corrupt(shard, position, '', 'no end-of-archive blocks', 'a whole tar')
  } catch (error) {
    signal?.throwIfAborted()
    if (isShardexError(error)) throw error
    throw corrupt(shard, position, '', error instanceof Error ? error.message : String(error), 'a whole tar', error)
  }
}

/** How many of the last bytes are zero, up to {@link END_BYTES}, after a chunk that followed `before` zeros. */
function countTrailingZeros(chunk: Uint8Array, before: number): number {
  let zeros = 0
  while (zeros < chunk.length && zeros < END_BYTES && chunk[chunk.length - 1 - zeros] === 0) zeros += 1
  return zeros === chunk.length ? before + zeros : zeros
}

/** Key and extension of a member's path, or `undefined` if it is none of a sample. */
function cutName(path: string): { key: string; extension: string } | undefined {
  const name = path.replace(/^\.\//, '')
  if (/(^|\/)__[^/]*__($|\/)/.test(name)) return undefined
  const dot = name.indexOf('.', name.lastIndexOf('/') + 1)
  return dot <= 0 ? undefined : { key: name.slice(0, dot), extension: name.slice(dot).toLowerCase() }
}

function corrupt(shard: string, offset: number, sample: string, found: string, wanted: string, cause?: unknown): ShardexError {
  const message = `${shard} cannot be read as a shard near byte ${offset}: found ${found}, wanted ${wanted}. Restore it from a copy, or import it with \`shardex insert\`.`
  return new ShardexError('shard.corrupt', { shard, offset, sample, found, wanted }, { message, cause })
}
