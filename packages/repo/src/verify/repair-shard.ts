import { createHash } from 'node:crypto'
import { isShardexError } from '@shardex/errors'
import type { Entry } from '@shardex/index'
import type { CallOptions, ObjectStore, Storage } from '@shardex/storage'
import type { Aside } from '../platform/platform.ts'
import type { Refusal } from '../read/damage.ts'
import { mirrored, mirrorsOf } from '../read/mirrors.ts'
import { planShards, type ShardSource } from '../read/plan-shards.ts'
import { fetchProved } from '../read/proved-shard.ts'
import { shardNotFound, shardTruncated } from '../read/raw-sample.ts'
import { INDEX_SUFFIX } from '../shard/offset-index.ts'

/** What was done about one object, a shard or an offset index, that was not what the registry says. */
export interface Repair {
  readonly url: string
  /** The copy that it was restored from. Absent if no mirror has it right; then nothing was touched. */
  readonly from?: string | undefined
  /** Where the damaged bytes lie now, if there were any. */
  readonly quarantine?: string | undefined
  /** Mirrors that were asked in vain, and what each said. */
  readonly refusals: readonly Refusal[]
}

/** An object with the digest that it must have. */
interface Wanted {
  readonly url: string
  readonly sha256: string
  readonly sizeBytes?: number | undefined
}

/**
 * Restore a shard and its offset index from the mirrors of their entry. What is right is left alone. The right bytes are fetched and proved
 * by their digest first; then what was there is copied aside, to `{key}.quarantine-{12 digits of its SHA-256}`, and they take its place.
 * @returns what was done, one item for each object that was not right; none if all are
 * @throws `shard.not_found` for a shard that the entry has not; `index.corrupt` for wrong mirrors; what the store of the shard throws:
 * `storage.read_only`, `storage.full`, `storage.unavailable`
 */
export async function repairShard(
  entry: Entry,
  url: string,
  storage: Storage,
  options: CallOptions = {},
): Promise<readonly Repair[]> {
  const mirrors = mirrorsOf(entry)
  const shard = planShards(entry.dataUrls, entry).find((each) => each.url === url)
  if (shard === undefined) throw shardNotFound(url)
  const copies = mirrors.map((mirror) => mirrored(shard, mirror).url)
  const repairs: Repair[] = []
  for (const { suffix, ...wanted } of objectsOf(shard)) {
    const done = await repairObject(
      wanted,
      copies.map((copy) => copy + suffix),
      storage,
      options,
    )
    if (done !== undefined) repairs.push(done)
  }
  return repairs
}

/** Only what has a digest can be told right from wrong. */
function objectsOf({ url, sha256, description }: ShardSource): readonly (Wanted & { suffix: string })[] {
  if (description === undefined) return sha256 === undefined ? [] : [{ url, sha256, suffix: '' }]
  const { indexSha256, indexSizeBytes } = description
  return [
    { url, sha256: description.sha256, sizeBytes: description.sizeBytes, suffix: '' },
    { url: url + INDEX_SUFFIX, sha256: indexSha256, sizeBytes: indexSizeBytes, suffix: INDEX_SUFFIX },
  ]
}

async function repairObject(
  wanted: Wanted,
  copies: readonly string[],
  storage: Storage,
  { signal }: CallOptions,
): Promise<Repair | undefined> {
  const { url } = wanted
  const { store, key } = await storage.locate(url)
  const found = await digestOf(store, key, signal)
  if (found === wanted.sha256) return undefined
  const refusals: Refusal[] = []
  for (const from of copies) {
    let copy: Aside
    try {
      copy = await fetchCopy(from, wanted, storage, signal)
    } catch (error) {
      signal?.throwIfAborted()
      if (!isShardexError(error)) throw error
      refusals.push({ url: from, found: error.message })
      continue
    }
    await using right = copy
    const aside = found === undefined ? undefined : `${key}.quarantine-${found.slice(0, 12)}`
    if (aside !== undefined) await store.copy(key, aside, { signal })
    await store.put(key, right.chunks, { sizeBytes: wanted.sizeBytes, signal })
    return { url, from, ...(aside !== undefined && { quarantine: store.urlOf(aside) }), refusals }
  }
  return { url, refusals }
}

/** The SHA-256 of an object as it is, or `undefined` if there is none. */
async function digestOf(store: ObjectStore, key: string, signal: AbortSignal | undefined): Promise<string | undefined> {
  const body = await store.get(key, { reuse: true, signal })
  if (body === undefined) return undefined
  const hash = createHash('sha256')
  for await (const chunk of body.chunks) hash.update(chunk)
  return hash.digest('hex')
}

async function fetchCopy(from: string, wanted: Wanted, storage: Storage, signal: AbortSignal | undefined): Promise<Aside> {
  const { store, key } = await storage.locate(from)
  const body = await store.get(key, { reuse: true, signal })
  if (body === undefined) throw shardNotFound(from)
  // A mirror that has more to send than there should be does not get to fill the disk.
  if (wanted.sizeBytes !== undefined && body.sizeBytes !== wanted.sizeBytes)
    throw shardTruncated(from, body.sizeBytes, wanted.sizeBytes)
  return fetchProved(body, from, wanted.sha256, { signal })
}
