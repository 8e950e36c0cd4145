import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { isShardexError, ShardexError } from '@shardex/errors'
import type { ShardDescription } from '@shardex/index'
import type { ObjectHead, ObjectStore } from '@shardex/storage'
import { INDEX_SUFFIX } from '../shard/offset-index.ts'
import { openSpool } from '../spool/open-spool.ts'
import { describeShard } from './describe-shard.ts'
import { diverged } from './diverged.ts'
import type { ClosedShard, OpenShard } from './open-shard.ts'
import type { Placement, ShardJournal, Stop } from './placement.ts'
import { takenBy } from './taken-by.ts'
import { untilFailure } from './until-failure.ts'

export interface ContentOptions {
  readonly store: ObjectStore
  /** What the keys of all shards start with. */
  readonly base: string
  readonly journal: ShardJournal
}

/** How often a shard is stored anew because a collector of garbage was just deleting it. */
const MAX_ATTEMPTS = 8
/** How often an object is sent whose key was refused as taken, and then was not. */
const MAX_PUTS = 3
const PAUSE_MS = 100

/**
 * Shards under their digests, which many datasets may share. A shard waits in a temporary file until its digest is known, and is sent only if
 * it is not there. Nothing is ever deleted here: another insert may have come to need it.
 */
export class ContentPlacement implements Placement {
  readonly #store: ObjectStore
  readonly #base: string
  readonly #journal: ShardJournal
  sentBytes = 0

  constructor({ store, base, journal }: ContentOptions) {
    this.#store = store
    this.#base = base
    this.#journal = journal
  }

  nameOf(number: number): string {
    return `shard ${number} of those in ${this.#store.rootUrl}${this.#base}`
  }

  async store(shard: OpenShard, number: number, stop: Stop): Promise<ShardDescription> {
    await using spool = await openSpool()
    const spooled = spool.store.put('shard', untilFailure(shard.stream.chunks(), stop.failure), { signal: stop.patience })
    const [closed] = await takenBy(spooled, shard)
    const noted = this.#journal.noted.get(number)
    if (noted !== undefined && noted.sha256 !== closed.sha256)
      throw diverged(this.#journal, noted.url, noted.sha256, closed.sha256)
    return await this.#place(closed, spool.store, number, stop)
  }

  async note(): Promise<void> {}

  async undo(): Promise<readonly unknown[]> {
    return []
  }

  /**
   * First stored, then noted, then looked at again: a collector cannot claim what is noted, and what it claimed or deleted before is seen here.
   */
  async #place(closed: ClosedShard, spool: ObjectStore, number: number, stop: Stop): Promise<ShardDescription> {
    let key = `${this.#base}${closed.sha256}.tar`
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      const url = this.#store.urlOf(key)
      const puts = [
        this.#putIfAbsent(key, closed.sizeBytes, () => chunksOf(spool), stop),
        this.#putIfAbsent(key + INDEX_SUFFIX, closed.index.length, () => closed.index, stop),
      ] as const
      // A failure is told when nothing is on its way any more.
      const [{ checksum }] = await Promise.all(puts).finally(() => Promise.allSettled(puts))
      const description = describeShard(url, closed, checksum)
      const deleting = await this.#journal.note(number, description, [url, url + INDEX_SUFFIX], stop.patience)
      if (deleting.length > 0) key = `${this.#base}${closed.sha256}--${randomUUID()}.tar`
      else if (await this.#isThere(key, stop)) return description
    }
    throw keepsVanishing(this.#store.urlOf(key))
  }

  async #putIfAbsent(
    key: string,
    sizeBytes: number,
    body: () => Uint8Array | AsyncIterable<Uint8Array>,
    stop: Stop,
  ): Promise<ObjectHead> {
    let refusal: unknown
    for (let puts = 0; ; puts++) {
      stop.failure.throwIfAborted()
      const there = await this.#store.head(key, { durable: true, signal: stop.patience })
      if (there !== undefined) return this.#asLongAs(there, sizeBytes)
      if (puts === MAX_PUTS) throw refusal
      if (puts > 0) await sleep(PAUSE_MS * puts, undefined, { signal: stop.patience }).catch(() => {})
      try {
        const head = await this.#store.put(key, body(), {
          sizeBytes,
          ifAbsent: this.#store.supports.putIfAbsent,
          signal: stop.patience,
        })
        this.sentBytes += head.sizeBytes
        return head
      } catch (error) {
        // Somebody else was faster; what that one stored may be a collector's already.
        if (!isShardexError(error, 'storage.exists')) throw error
        refusal = error
      }
    }
  }

  #asLongAs(head: ObjectHead, sizeBytes: number): ObjectHead {
    if (head.sizeBytes === sizeBytes) return head
    const facts = { url: this.#store.urlOf(head.key), found: `${head.sizeBytes} bytes`, wanted: `${sizeBytes} bytes` }
    const message = `${facts.url} should hold what its name says, but has ${facts.found}, wanted ${facts.wanted}. Somebody changed it: \`shardex verify --all\` finds the datasets that need it; delete it when they are mended.`
    throw new ShardexError('storage.corrupt', facts, { message })
  }

  async #isThere(key: string, { patience: signal }: Stop): Promise<boolean> {
    const heads = await Promise.all([key, key + INDEX_SUFFIX].map((each) => this.#store.head(each, { durable: true, signal })))
    return heads.every((head) => head !== undefined)
  }
}

async function* chunksOf(spool: ObjectStore): AsyncGenerator<Uint8Array> {
  const body = await spool.get('shard', { reuse: true })
  if (body === undefined) throw new TypeError(`the spooled shard ${spool.urlOf('shard')} vanished`)
  yield* body.chunks
}

function keepsVanishing(url: string): ShardexError {
  const message = `${url} was deleted ${MAX_ATTEMPTS} times while it was being stored. Who deletes it? Stop them, then insert again.`
  return new ShardexError('storage.not_found', { url }, { message })
}
