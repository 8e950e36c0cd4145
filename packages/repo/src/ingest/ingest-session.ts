import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { isShardexError, type ShardexError } from '@shardex/errors'
import type { CommitEntryOptions, Entry, Ingest, IngestPlan, LocalIndex, ShardDescription } from '@shardex/index'
import type { ShardJournal } from '../write/placement.ts'
import { despiteOutage } from './despite-outage.ts'

export interface SessionOptions {
  /** How long a writer that gives no sign of life keeps others out. */
  readonly leaseMs: number
  readonly signal?: AbortSignal | undefined
}

/** Signs of life per lease. */
const RENEWALS = 3
/** So long a writer that is leaving waits for a registry to answer. */
const FAREWELL_MS = 3_000
/** How often somebody who waits for a lease to run out looks whether it was renewed. */
const LOOKS = 10

/** One insert in the hands of one writer, who shows signs of life until the end of it. */
export class IngestSession implements ShardJournal, AsyncDisposable {
  readonly ingest: Ingest
  readonly noted: ReadonlyMap<number, ShardDescription>
  readonly #index: LocalIndex
  readonly #owner: string
  readonly #leaseMs: number
  readonly #lost = new AbortController()
  readonly #life: Promise<void>
  readonly #ended = new AbortController()
  /** Whether a commit was asked for, which may arrive whatever its answer was. */
  hasCommitted = false

  constructor(index: LocalIndex, ingest: Ingest, noted: ReadonlyMap<number, ShardDescription>, owner: string, leaseMs: number) {
    this.#index = index
    this.ingest = ingest
    this.noted = noted
    this.#owner = owner
    this.#leaseMs = leaseMs
    this.#life = this.#live()
  }

  get ingestId(): string {
    return this.ingest.id
  }

  /** Aborts, with the refusal, when somebody else has taken over. */
  get lost(): AbortSignal {
    return this.#lost.signal
  }

  note(number: number, shard: ShardDescription, urls: readonly string[], patience: AbortSignal): Promise<readonly string[]> {
    const signal = AbortSignal.any([this.lost, patience])
    return despiteOutage(() => this.#index.ingests.note(this.ingestId, this.#owner, number, shard, urls, { signal }), signal)
  }

  /** The journal lets only one commit take place, so the call may be made again when its answer is lost. */
  commit(entry: CommitEntryOptions): Promise<Entry> {
    this.hasCommitted = true
    const ingest = { id: this.ingestId, owner: this.#owner }
    return despiteOutage(() => this.#index.commitEntry({ ...entry, ingest }), entry.signal)
  }

  /**
   * The insert failed, and no shard of it is needed: from now on it cannot be committed, also not by a call that is still on its way. The
   * journal stays, for the collector of garbage: a request that was cut off may still be carried out.
   * @returns whether that is sure
   */
  async abandon(): Promise<boolean> {
    const signal = AbortSignal.timeout(FAREWELL_MS)
    return this.#index.ingests.abandon(this.ingestId, { owner: this.#owner }, { signal }).catch(() => false)
  }

  /** The refusal, if the journal is not ours any more. */
  async refusal(): Promise<ShardexError<'ingest.lost'> | undefined> {
    try {
      await this.#renew(AbortSignal.timeout(FAREWELL_MS))
    } catch (error) {
      if (isShardexError(error, 'ingest.lost')) return error
    }
    return undefined
  }

  /** Let others continue at once. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort()
    await this.#life
    if (this.lost.aborted) return
    const signal = AbortSignal.timeout(FAREWELL_MS)
    await this.#index.ingests.release(this.ingestId, this.#owner, { signal }).catch(() => {})
  }

  #renew(signal: AbortSignal): Promise<void> {
    return this.#index.ingests.renew(this.ingestId, { owner: this.#owner, leaseMs: this.#leaseMs }, { signal })
  }

  async #live(): Promise<void> {
    const { signal } = this.#ended
    while (!signal.aborted) {
      await sleep(this.#leaseMs / RENEWALS, undefined, { signal, ref: false }).catch(() => {})
      if (signal.aborted) return
      try {
        await this.#renew(signal)
      } catch (error) {
        // While the registry is away nobody can take over there, either.
        if (!isShardexError(error, 'ingest.lost')) continue
        this.#lost.abort(error)
        return
      }
    }
  }
}

/**
 * Open the journal of an insert, or take it over from a writer that died.
 * @returns the journal itself if it is committed or abandoned
 * @throws `ingest.busy` if another writer is alive; `ingest.conflict`
 */
export async function beginIngest(
  index: LocalIndex,
  plan: IngestPlan,
  { leaseMs, signal }: SessionOptions,
): Promise<IngestSession | Ingest> {
  const owner = randomUUID()
  const ingest = await whenFree(() => index.ingests.begin(plan, { owner, leaseMs }, { signal }), leaseMs, signal)
  if (ingest.state !== 'open') return ingest
  const noted = new Map<number, ShardDescription>()
  if (ingest.shardCount > 0) {
    for await (const { number, description } of index.ingests.shards(ingest.id, { signal })) noted.set(number, description)
  }
  return new IngestSession(index, ingest, noted, owner, leaseMs)
}

/** Wait for the lease of a dead writer to run out. A living one renews it meanwhile, so that more of it is left than before. */
async function whenFree(begin: () => Promise<Ingest>, leaseMs: number, signal: AbortSignal | undefined): Promise<Ingest> {
  let leftMs = Number.POSITIVE_INFINITY
  while (true) {
    try {
      return await begin()
    } catch (error) {
      if (!isShardexError(error, 'ingest.busy') || error.details.leaseLeftMs > leftMs) throw error
      leftMs = error.details.leaseLeftMs
    }
    await sleep(Math.min(leaseMs / LOOKS, leftMs) + 1, undefined, { signal })
  }
}
