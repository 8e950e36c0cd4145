import type { Ingest, IngestPlan, IngestShard, Lease } from '../ingest.ts'
import type { IngestJournal } from '../ingest-journal.ts'
import { cutPage, numericCursor, type Page, type PageOptions, pageLimit } from '../paging.ts'
import type { CallOptions } from '../provider.ts'
import { corrupt } from '../refusals.ts'
import { toIngest, toIngestShard } from '../stored-ingest.ts'
import type { RedisConnection, Reply } from './connection.ts'
import { toArray, toNumber, toText } from './replies.ts'

/** Each method is one script, and one round trip. */
export class RedisIngests implements IngestJournal {
  readonly #redis: RedisConnection

  constructor(redis: RedisConnection) {
    this.#redis = redis
  }

  async begin(plan: IngestPlan, { owner, leaseMs }: Lease, options?: CallOptions): Promise<Ingest> {
    const { id, name, base, layout, settings, resumable } = plan
    const args = [id, name, base, layout, settings, Number(resumable), owner, leaseMs]
    return ingestOf(await this.#redis.write('begin-ingest', args, options))
  }

  async renew(id: string, { owner, leaseMs }: Lease, options?: CallOptions): Promise<void> {
    await this.#redis.write('renew-ingest', [id, owner, leaseMs], options)
  }

  async note(id: string, owner: string, shard: IngestShard, options?: CallOptions): Promise<readonly string[]> {
    const { number, description, urls } = shard
    const args = [id, owner, number, JSON.stringify(urls), description]
    return toArray(await this.#redis.write('note-shard', args, options)).map(toText)
  }

  async listShards(id: string, options?: PageOptions): Promise<Page<IngestShard>> {
    const limit = pageLimit(options)
    const min = options?.cursor === undefined ? '-inf' : `(${numericCursor(options)}`
    const reply = toArray(await this.#redis.read('list-ingest-shards', [id, min, limit + 1], options))
    return cutPage(
      reply.map((member) => shardOf(id, member)),
      limit,
      (last) => String(last.number),
    )
  }

  async release(id: string, owner: string, options?: CallOptions): Promise<void> {
    await this.#redis.write('release-ingest', [id, owner], options)
  }

  async abandon(
    id: string,
    by: { readonly owner: string } | { readonly idleMs: number },
    options?: CallOptions,
  ): Promise<boolean> {
    const who = 'owner' in by ? ['owner', by.owner] : ['idle', by.idleMs]
    return (await this.#redis.write('abandon-ingest', [id, ...who], options)) === 1
  }

  async forget(id: string, options?: CallOptions): Promise<boolean> {
    return (await this.#redis.write('forget-ingest', [id], options)) === 1
  }

  async find(id: string, options?: CallOptions): Promise<Ingest | undefined> {
    const reply = await this.#redis.read('find-ingest', [id], options)
    return reply === null ? undefined : ingestOf(reply)
  }

  async list(options?: PageOptions): Promise<Page<Ingest>> {
    const limit = pageLimit(options)
    const reply = toArray(await this.#redis.read('list-ingests', [numericCursor(options), limit + 1], options))
    const rows: { sequence: number; journal: Reply }[] = []
    for (let i = 0; i < reply.length; i += 2) rows.push({ sequence: toNumber(reply[i]), journal: reply[i + 1] ?? null })
    const page = cutPage(rows, limit, (last) => String(last.sequence))
    return { ...page, items: page.items.map(({ journal }) => ingestOf(journal)) }
  }

  async openFor(name: string, options?: CallOptions): Promise<readonly Ingest[]> {
    return toArray(await this.#redis.read('open-ingests', [name], options)).map(ingestOf)
  }
}

function ingestOf(reply: Reply): Ingest {
  const [id, name, base, layout, settings, resumable, state, cid, beganAtMs, untilMs, shards] = toArray(reply)
  return toIngest({
    id: toText(id),
    name: toText(name),
    base: toText(base),
    layout: toText(layout),
    settings: toText(settings),
    resumable: toText(resumable) === '1',
    state: toText(state),
    cid: cid === null ? undefined : toText(cid),
    beganAtMs: toNumber(beganAtMs),
    untilMs: toNumber(untilMs),
    shardCount: toNumber(shards),
  })
}

/** `number NUL urls NUL description` */
function shardOf(id: string, member: Reply): IngestShard {
  const bytes = Buffer.isBuffer(member) ? member : Buffer.alloc(0)
  const first = bytes.indexOf(0)
  const second = bytes.indexOf(0, first + 1)
  if (first < 1 || second < 0)
    throw corrupt(`a shard of the ingest ${JSON.stringify(id)}`, `${bytes.length} bytes`, 'its number, URLs and description')
  const number = toNumber(bytes.subarray(0, first))
  return toIngestShard(id, number, bytes.toString('utf8', first + 1, second), bytes.subarray(second + 1))
}
