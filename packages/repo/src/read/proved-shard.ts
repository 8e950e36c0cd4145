import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ShardexError } from '@shardex/errors'
import { type CallOptions, type ObjectBody, openFileStore } from '@shardex/storage'
import type { ShardSource } from './plan-shards.ts'

/**
 * The bytes of a shard without an index that could prove its samples, given out only when the SHA-256 of all of them is right. They wait in
 * a temporary file meanwhile, so memory stays flat and no byte is fetched twice.
 * @throws `shard.corrupt`; `config.invalid` if no digest of the shard is known
 */
export async function* readProvedShard(
  body: ObjectBody,
  shard: ShardSource,
  { signal }: CallOptions = {},
): AsyncGenerator<Uint8Array> {
  const wanted = shard.description?.sha256 ?? shard.sha256
  if (wanted === undefined) throw unprovable(shard.url)
  const dir = await mkdtemp(join(tmpdir(), 'shardex-'))
  try {
    await using spool = await openFileStore(dir)
    const hash = createHash('sha256')
    await spool.put('shard', hashing(body.chunks, hash), { signal })
    const found = hash.digest('hex')
    if (found !== wanted) throw forged(shard.url, found, wanted)
    const proved = await spool.get('shard', { signal })
    if (proved === undefined) throw new TypeError(`the spooled shard ${spool.urlOf('shard')} vanished`)
    yield* proved.chunks
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

async function* hashing(
  chunks: AsyncIterable<Uint8Array>,
  hash: { update(bytes: Uint8Array): unknown },
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    hash.update(chunk)
    yield chunk
  }
}

function forged(shard: string, found: string, wanted: string): ShardexError {
  const facts = { shard, offset: 0, sample: '', found: `SHA-256 ${found}`, wanted: `SHA-256 ${wanted}` }
  const message = `${shard} is not the shard that was written: found ${facts.found}, wanted ${facts.wanted}. No sample of it was given out. Restore it from a copy, or insert the dataset again.`
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
