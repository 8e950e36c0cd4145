import { ShardexError } from '@shardex/errors'
import type { CallOptions, ObjectBody } from '@shardex/storage'
import { putAside, runningSha256 } from '#platform'
import { toHex } from '../hex.ts'
import type { Aside, RunningSha256 } from '../platform/platform.ts'
import type { ShardSource } from './plan-shards.ts'

/**
 * Fetch an object, put it aside and hold all of it against its SHA-256, in lower-case hex. No byte is fetched twice.
 * @param url named in errors
 * @throws `shard.corrupt`
 */
export async function fetchProved(body: ObjectBody, url: string, sha256: string, { signal }: CallOptions = {}): Promise<Aside> {
  await using opened = new AsyncDisposableStack()
  const running = runningSha256()
  const copy = opened.use(await putAside(hashing(body.chunks, running), { signal }))
  const found = toHex(running.digest())
  if (found !== sha256) throw forged(url, found, sha256)
  opened.move()
  return copy
}

/**
 * The bytes of a shard without an index that could prove its samples, given out only when the SHA-256 of all of them is right.
 * @throws `shard.corrupt`; `config.invalid` if no digest of the shard is known
 */
export async function* readProvedShard(
  body: ObjectBody,
  shard: ShardSource,
  options: CallOptions = {},
): AsyncGenerator<Uint8Array> {
  const sha256 = shard.description?.sha256 ?? shard.sha256
  if (sha256 === undefined) throw unprovable(shard.url)
  await using copy = await fetchProved(body, shard.url, sha256, options)
  yield* copy.chunks
}

async function* hashing(chunks: AsyncIterable<Uint8Array>, running: RunningSha256): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    running.update(chunk)
    yield chunk
  }
}

function forged(shard: string, found: string, wanted: string): ShardexError {
  const facts = { shard, offset: 0, sample: '', found: `SHA-256 ${found}`, wanted: `SHA-256 ${wanted}` }
  const message = `${shard} is not what was written: found ${facts.found}, wanted ${facts.wanted}. Nothing of it was given out. Restore it from a copy, or insert the dataset again.`
  return new ShardexError('shard.corrupt', facts, { message })
}

export function unprovable(url: string): ShardexError {
  const message = `no SHA-256 of ${url} is known, so it cannot be verified. Read an entry of the registry, or read with verify: 'crc32'.`
  return new ShardexError(
    'config.invalid',
    { setting: 'verify', found: "'sha256'", wanted: 'a shard whose digest is known' },
    { message },
  )
}
