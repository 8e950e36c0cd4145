import { createHash } from 'node:crypto'
import { isShardexError } from '@shardex/errors'
import type { ShardDescription } from '@shardex/index'
import type { ObjectHead, ObjectStore } from '@shardex/storage'
import { INDEX_SUFFIX } from '../shard/offset-index.ts'
import { describeShard } from './describe-shard.ts'
import { diverged } from './diverged.ts'
import type { ClosedShard, OpenShard } from './open-shard.ts'
import type { Placement, ShardJournal, Stop } from './placement.ts'
import { putThroughDisk } from './put-through-disk.ts'
import { takenBy } from './taken-by.ts'
import { untilFailure } from './until-failure.ts'

export interface SequenceOptions {
  readonly store: ObjectStore
  /** The key of the shard with this number; never a key that may hold other bytes. */
  readonly keyOf: (shard: number) => string
  /** Write each shard to a temporary file first. */
  readonly cacheLocal?: boolean | undefined
  /** Of an insert that may be continued: shards that it has noted are compared and not sent, and stay after a failure. */
  readonly journal?: ShardJournal | undefined
}

/** Shards under their numbers, streamed into the store while they are packed. */
export class SequencePlacement implements Placement {
  readonly #store: ObjectStore
  readonly #keyOf: (shard: number) => string
  readonly #cacheLocal: boolean
  readonly #journal: ShardJournal | undefined
  /** Every object that may be there because of us. */
  readonly #begunKeys = new Set<string>()
  sentBytes = 0

  constructor({ store, keyOf, cacheLocal = false, journal }: SequenceOptions) {
    this.#store = store
    this.#keyOf = keyOf
    this.#cacheLocal = cacheLocal
    this.#journal = journal
  }

  nameOf(number: number): string {
    return this.#store.urlOf(this.#keyOf(number))
  }

  async store(shard: OpenShard, number: number, stop: Stop): Promise<ShardDescription> {
    const key = this.#keyOf(number)
    const noted = await this.#ifThere(this.#journal?.noted.get(number), key)
    if (noted !== undefined) return this.#compare(shard, noted)
    const { closed, head, indexHead } = await this.#putBoth(shard, key, stop)
    const { checksum } = head ?? (await this.#found(key, closed.sha256))
    const description = describeShard(this.nameOf(number), closed, checksum)
    if (indexHead === undefined) await this.#found(key + INDEX_SUFFIX, description.indexSha256)
    return description
  }

  async note(number: number, shard: ShardDescription, { patience }: Stop): Promise<void> {
    const { url } = shard
    if (this.#journal?.noted.get(number) === shard) return
    await this.#journal?.note(number, shard, [url, url + INDEX_SUFFIX], patience)
  }

  async undo(): Promise<readonly unknown[]> {
    if (this.#journal !== undefined) return []
    const remove = async (key: string) => {
      await this.#store.delete(key)
      this.#begunKeys.delete(key)
    }
    const deleted = await Promise.allSettled([...this.#begunKeys].map(remove))
    return deleted.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []))
  }

  /** The offset index goes as soon as it is known, beside the end of its shard; what began has ended when this fails. */
  async #putBoth(shard: OpenShard, key: string, stop: Stop) {
    const begun: Promise<unknown>[] = []
    let isOver = false
    const put = (key: string, body: Uint8Array | AsyncIterable<Uint8Array>): Promise<ObjectHead | undefined> => {
      const stored = this.#unlessTaken(this.#put(key, body, stop))
      begun.push(stored)
      return stored
    }
    try {
      const shardTaken = takenBy(put(key, shard.stream.chunks()), shard)
      const indexTaken = shard.closed.then(({ index }) => (isOver ? undefined : put(key + INDEX_SUFFIX, index)))
      const [[closed, head], indexHead] = await Promise.all([shardTaken, indexTaken])
      return { closed, head, indexHead }
    } catch (error) {
      isOver = true
      await Promise.allSettled(begun)
      throw error
    }
  }

  async #put(key: string, body: Uint8Array | AsyncIterable<Uint8Array>, stop: Stop): Promise<ObjectHead> {
    const store = this.#store
    const options = { signal: stop.patience, ifAbsent: store.supports.putIfAbsent }
    stop.failure.throwIfAborted()
    this.#begunKeys.add(key)
    try {
      const bytes = body instanceof Uint8Array ? body : untilFailure(body, stop.failure)
      const head =
        this.#cacheLocal && !(bytes instanceof Uint8Array)
          ? await putThroughDisk(store, key, bytes, options)
          : await store.put(key, bytes, options)
      this.sentBytes += head.sizeBytes
      return head
    } catch (error) {
      // A clear refusal means that nothing of ours is there; `storage.exists`, that something of somebody else is.
      if (isShardexError(error) && error.code !== 'storage.unavailable' && error.code !== 'storage.corrupt')
        this.#begunKeys.delete(key)
      throw error
    }
  }

  async #ifThere(noted: ShardDescription | undefined, key: string): Promise<ShardDescription | undefined> {
    if (noted === undefined) return undefined
    const [shard, index] = await Promise.all([this.#store.head(key), this.#store.head(key + INDEX_SUFFIX)])
    return shard?.sizeBytes === noted.sizeBytes && index?.sizeBytes === noted.indexSizeBytes ? noted : undefined
  }

  /** The shard was stored before: it is packed and hashed again, so that samples which changed meanwhile are found, and goes nowhere. */
  async #compare(shard: OpenShard, noted: ShardDescription): Promise<ShardDescription> {
    shard.stream.abandon()
    const closed: ClosedShard = await shard.closed
    if (closed.sha256 !== noted.sha256) throw diverged(this.#journal, noted.url, noted.sha256, closed.sha256)
    return noted
  }

  /** `undefined` if the key is taken and may be taken by an earlier try of the same insert. */
  async #unlessTaken(put: Promise<ObjectHead>): Promise<ObjectHead | undefined> {
    try {
      return await put
    } catch (error) {
      if (this.#journal !== undefined && isShardexError(error, 'storage.exists')) return undefined
      throw error
    }
  }

  /** What an earlier try has stored without coming to note it. @throws `ingest.diverged` if it is anything else */
  async #found(key: string, sha256: string): Promise<ObjectHead> {
    const body = await this.#store.get(key)
    const hash = createHash('sha256')
    for await (const chunk of body?.chunks ?? []) hash.update(chunk)
    const found = hash.digest('hex')
    if (body === undefined || found !== sha256) throw diverged(this.#journal, this.#store.urlOf(key), found, sha256)
    return (await this.#store.head(key, { durable: true })) ?? body
  }
}
