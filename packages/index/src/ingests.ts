import { describe } from '@shardex/errors'
import type { ShardDescription } from './entry.ts'
import type { Ingest, IngestPlan, IngestShard, Lease } from './ingest.ts'
import { assertName } from './name.ts'
import { allItems } from './paging.ts'
import type { CallOptions, IndexProvider } from './provider.ts'
import { corrupt, unusable } from './refusals.ts'
import { decodeShard, encodeShard, faultOfShard } from './shard-details.ts'
import { assertCount, assertIngestId, assertText, assertUrls } from './usage.ts'

const MAX_LEASE_MS = 86_400_000

/** A shard of an open journal. */
export interface NotedShard {
  /** Its place in the dataset, from 0. */
  readonly number: number
  readonly description: ShardDescription
  /** The objects that hold it: first the tar, then its offset index. */
  readonly urls: readonly string[]
}

/** The journals of inserts: what a writer needs to continue where another one died, and a collector to leave alone what is being written. */
export class Ingests {
  readonly #provider: (options: CallOptions | undefined) => Promise<IndexProvider>

  constructor(provider: (options: CallOptions | undefined) => Promise<IndexProvider>) {
    this.#provider = provider
  }

  /**
   * Open a journal, or continue one that nobody holds. One that was committed or abandoned is returned as it is; the `base` is the one with
   * which it began. A lease decides who may begin; who may finish is decided by the owner.
   * @throws {ShardexError} `ingest.conflict` if it began with another name, layout or other settings; `ingest.busy` while another owner holds it;
   * `name.invalid`; `usage.invalid`
   */
  async begin(plan: IngestPlan, lease: Lease, options?: CallOptions): Promise<Ingest> {
    assertIngestId(plan.id)
    assertName(plan.name)
    assertText('base', plan.base, 'a URL')
    assertText('settings', plan.settings, 'text')
    if (plan.layout !== 'sequence' && plan.layout !== 'content')
      throw unusable('layout', describe(plan.layout), 'sequence or content')
    if (typeof plan.resumable !== 'boolean') throw unusable('resumable', describe(plan.resumable), 'true or false')
    assertLease(lease)
    return (await this.#provider(options)).ingests.begin(plan, lease, options)
  }

  /** Also if the lease has run out and nobody took over. @throws {ShardexError} `ingest.lost`; `usage.invalid` */
  async renew(id: string, lease: Lease, options?: CallOptions): Promise<void> {
    assertIngestId(id)
    assertLease(lease)
    return (await this.#provider(options)).ingests.renew(id, lease, options)
  }

  /**
   * Note a shard that is stored; noting it again replaces it. Its objects are no garbage from now on.
   * @param urls at most 1000, the URL of the description first
   * @returns the objects that are being deleted: if there are any, nothing was noted, and the shard must be stored under another key
   * @throws {ShardexError} `ingest.lost`; `usage.invalid`
   */
  async note(
    id: string,
    owner: string,
    number: number,
    description: ShardDescription,
    urls: readonly string[],
    options?: CallOptions,
  ): Promise<readonly string[]> {
    assertIngestId(id)
    assertText('owner', owner, 'text')
    assertCount('number', number)
    assertUrls(urls)
    if (urls.length > 1000) throw unusable('urls', `${urls.length} of them`, 'at most 1000')
    const fault = faultOfShard(description, urls[0])
    if (fault !== undefined) throw unusable('description', fault, 'that of the shard at the first URL')
    const shard = { number, description: encodeShard(description), urls }
    return (await this.#provider(options)).ingests.note(id, owner, shard, options)
  }

  /** By number, fetched a page at a time. Of a journal that is not open there are none. */
  shards(id: string, options?: CallOptions): AsyncIterable<NotedShard> {
    return { [Symbol.asyncIterator]: () => this.#shards(id, options) }
  }

  /** Let the lease end now, so that whoever continues need not wait. What another owner holds is left alone. */
  async release(id: string, owner: string, options?: CallOptions): Promise<void> {
    assertIngestId(id)
    return (await this.#provider(options)).ingests.release(id, owner, options)
  }

  /**
   * Give an insert up: it can never be committed. By its owner; or by anybody if it is open and its lease ran out `idleMs` ago.
   * @returns whether it is abandoned now
   */
  async abandon(
    id: string,
    by: { readonly owner: string } | { readonly idleMs: number },
    options?: CallOptions,
  ): Promise<boolean> {
    assertIngestId(id)
    if ('idleMs' in by) assertCount('idleMs', by.idleMs)
    else assertText('owner', by.owner, 'text')
    return (await this.#provider(options)).ingests.abandon(id, by, options)
  }

  /** Remove a journal that is not open. @returns whether it was there and is gone */
  async forget(id: string, options?: CallOptions): Promise<boolean> {
    assertIngestId(id)
    return (await this.#provider(options)).ingests.forget(id, options)
  }

  async find(id: string, options?: CallOptions): Promise<Ingest | undefined> {
    assertIngestId(id)
    return (await this.#provider(options)).ingests.find(id, options)
  }

  /** In the order in which they began, fetched a page at a time. */
  list(options?: CallOptions): AsyncIterable<Ingest> {
    const fetchPage: Parameters<typeof allItems<Ingest>>[0] = async (page) => (await this.#provider(page)).ingests.list(page)
    return { [Symbol.asyncIterator]: () => allItems(fetchPage, options) }
  }

  /** Open and resumable journals for a name, in the order in which they began. */
  async openFor(name: string, options?: CallOptions): Promise<readonly Ingest[]> {
    return (await this.#provider(options)).ingests.openFor(name, options)
  }

  async *#shards(id: string, options: CallOptions | undefined): AsyncGenerator<NotedShard, void, void> {
    assertIngestId(id)
    const { ingests } = await this.#provider(options)
    for await (const shard of allItems((page) => ingests.listShards(id, page), options)) yield toNoted(id, shard)
  }
}

function toNoted(id: string, { number, description, urls }: IngestShard): NotedShard {
  const where = `shard ${number} of the ingest ${JSON.stringify(id)}`
  const [url] = urls
  if (url === undefined) throw corrupt(where, 'no URL', 'the URLs of its objects')
  try {
    // A copy: views would hold the buffer of a whole reply.
    return Object.freeze({ number, description: decodeShard(Uint8Array.from(description), url), urls })
  } catch (error) {
    throw corrupt(where, error instanceof Error ? error.message : describe(error), 'the description of a shard', error)
  }
}

/** @throws {ShardexError} `usage.invalid` */
function assertLease({ owner, leaseMs }: Lease): void {
  assertText('owner', owner, 'text')
  if (!Number.isSafeInteger(leaseMs) || leaseMs < 1 || leaseMs > MAX_LEASE_MS)
    throw unusable('leaseMs', describe(leaseMs), `an integer from 1 to ${MAX_LEASE_MS}`)
}
