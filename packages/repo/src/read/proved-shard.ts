import { createHash } from 'node:crypto'
import { ShardexError } from '@shardex/errors'
import type { CallOptions, ObjectBody } from '@shardex/storage'
import { openSpool } from '../spool/open-spool.ts'
import type { ShardSource } from './plan-shards.ts'

/** Bytes in a temporary file that have the digest that was wanted. Disposing removes the file. */
export interface ProvedCopy extends AsyncDisposable {
  /** To be iterated once. */
  readonly chunks: AsyncIterable<Uint8Array>
}

/**
 * Fetch an object and hold all of it against its SHA-256, in lower-case hex. Memory stays flat and no byte is fetched twice.
 * @param url named in errors
 * @throws `shard.corrupt`
 */
export async function fetchProved(
  body: ObjectBody,
  url: string,
  sha256: string,
  { signal }: CallOptions = {},
): Promise<ProvedCopy> {
  await using opened = new AsyncDisposableStack()
  const { store: spool } = opened.use(await openSpool())
  const hash = createHash('sha256')
  await spool.put('copy', hashing(body.chunks, hash), { signal })
  const found = hash.digest('hex')
  if (found !== sha256) throw forged(url, found, sha256)
  const copy = await spool.get('copy', { signal })
  if (copy === undefined) throw new TypeError(`the temporary file ${spool.urlOf('copy')} vanished`)
  const place = opened.move()
  return { chunks: copy.chunks, [Symbol.asyncDispose]: () => place.disposeAsync() }
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
