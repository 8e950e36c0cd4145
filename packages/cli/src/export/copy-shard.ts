import { createHash } from 'node:crypto'
import { ShardexError } from '@shardex/errors'
import type { ShardDescription } from '@shardex/index'
import { INDEX_SUFFIX, manifestUrls } from '@shardex/repo'
import type { ObjectStore, Storage } from '@shardex/storage'

export interface CopyTo {
  readonly storage: Storage
  readonly target: ObjectStore
  readonly signal: AbortSignal
  readonly onCopied: () => void
}

/**
 * Put a shard, its offset index and its manifest, if it has one, under the digest of the shard. What lies on the web stays there.
 * @returns the key, or the URL of what is not copied: others have not said what its bytes are
 * @throws `shard.not_found`; `shard.corrupt` for bytes that are not those that the registry describes
 */
export async function copyShard(url: string, shard: ShardDescription | undefined, to: CopyTo): Promise<string> {
  if (shard === undefined || /^https?:\/\//i.test(url)) return url
  const key = `shards/${shard.sha256}.tar`
  const index = { url: url + INDEX_SUFFIX, key: key + INDEX_SUFFIX, sha256: shard.indexSha256, sizeBytes: shard.indexSizeBytes }
  await copyObject(index, to)
  const [manifest, copy] = [manifestUrls(url), manifestUrls(key)]
  await copyIfThere(manifest.samples, copy.samples, to)
  await copyIfThere(manifest.header, copy.header, to)
  if (await copyObject({ url, key, sha256: shard.sha256, sizeBytes: shard.sizeBytes }, to)) to.onCopied()
  return key
}

/** A manifest names the shard that it is of, and may be written again. */
async function copyIfThere(url: string, key: string, { storage, target, signal }: CopyTo): Promise<void> {
  const from = await storage.locate(url)
  const body = await from.store.get(from.key, { reuse: true, signal })
  if (body !== undefined) await target.put(key, body.chunks, { sizeBytes: body.sizeBytes, signal })
}

interface Described {
  readonly url: string
  readonly key: string
  readonly sha256: string
  readonly sizeBytes: number
}

async function copyObject(wanted: Described, { storage, target, signal }: CopyTo): Promise<boolean> {
  const { url, key, sizeBytes } = wanted
  if ((await target.head(key, { durable: true, signal }))?.sizeBytes === sizeBytes) return false
  const from = await storage.locate(url)
  const body = await from.store.get(from.key, { reuse: true, signal })
  if (body === undefined) throw new ShardexError('shard.not_found', { shard: url }, { message: `${url} is not there; ${REPAIR}` })
  await target.put(key, proved(body.chunks, wanted), { sizeBytes, signal, contentType: 'application/x-tar' })
  return true
}

/** The same bytes; an error in the place of their end, so that nothing is put, if they are others than were wanted. */
async function* proved(chunks: AsyncIterable<Uint8Array>, { url, sha256 }: Described): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256')
  for await (const chunk of chunks) {
    hash.update(chunk)
    yield chunk
  }
  const found = hash.digest('hex')
  if (found === sha256) return
  const facts = { shard: url, offset: 0, sample: '', found: `SHA-256 ${found}`, wanted: `SHA-256 ${sha256}` }
  throw new ShardexError('shard.corrupt', facts, { message: `${url} is not what was written, so it was not copied; ${REPAIR}` })
}

const REPAIR = '`shardex verify --repair` restores it from a mirror'
