import { ShardexError } from '@shardex/errors'
import { readTarMembers } from '../tar/read-members.ts'
import type { RawSample } from './raw-sample.ts'

/**
 * Read the samples of a tar that has no offset index, as atdata writes it: one member `{key}.msgpack` per sample.
 * @throws `shard.corrupt` for what is not a whole tar, or holds a member that is not `.msgpack`
 */
export async function* readForeignShard(
  chunks: AsyncIterable<Uint8Array>,
  shard: string,
  signal?: AbortSignal,
): AsyncGenerator<RawSample[]> {
  let position = 0
  for await (const { key, extension, bytes } of readTarMembers(chunks, shard, { signal })) {
    if (extension !== 'msgpack') throw notOurs(shard, key, extension)
    yield [{ key, position, payload: bytes }]
    position += 1
  }
}

function notOurs(shard: string, key: string, extension: string): ShardexError {
  const facts = {
    shard,
    offset: 0,
    sample: key,
    found: `the member "${key}.${extension}"`,
    wanted: `one member "${key}.msgpack" per sample`,
  }
  const message = `${shard} holds no packed samples: found ${facts.found}, wanted ${facts.wanted}. Bring it in with \`shardex insert\`, which reads any WebDataset tar.`
  return new ShardexError('shard.corrupt', facts, { message })
}
