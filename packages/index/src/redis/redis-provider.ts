import { randomUUID } from 'node:crypto'
import type { Label, NameRevision } from '../entry.ts'
import { cutPage, numericCursor, type Page, type PageOptions, pageLimit } from '../paging.ts'
import type {
  CallOptions,
  Commit,
  Diagnosis,
  FoundEntry,
  HistoryHead,
  IndexProvider,
  Moment,
  NamePointer,
  SchemaState,
  StoredEntry,
  StoredSchema,
  WriteOptions,
} from '../provider.ts'
import { digestOfStored } from '../schema-digest.ts'
import { uuidOf } from '../stored-ingest.ts'
import { versionKey } from '../version-key.ts'
import { adoptAll } from './adopt.ts'
import type { RedisConnection } from './connection.ts'
import { diagnoseRedis } from './diagnose.ts'
import { RedisGarbage } from './garbage.ts'
import { RedisIngests } from './ingests.ts'
import type { Keys } from './keys.ts'
import { RedisLenses } from './lenses.ts'
import { ifFound, toArray, toEntry, toFound, toHead, toLabel, toNumber, toPointer, toStep, toText } from './replies.ts'

const LAST = '\u{10FFFF}'

/** Each method is one script, and one round trip. */
export class RedisProvider implements IndexProvider {
  readonly supports = { otherMachines: true } as const
  readonly ingests: RedisIngests
  readonly garbage: RedisGarbage
  readonly lenses: RedisLenses
  readonly #redis: RedisConnection
  readonly #keys: Keys

  constructor(redis: RedisConnection, keys: Keys) {
    this.#redis = redis
    this.#keys = keys
    this.ingests = new RedisIngests(redis)
    this.garbage = new RedisGarbage(redis)
    this.lenses = new RedisLenses(redis, keys)
  }

  get url(): string {
    return this.#redis.url
  }

  async commit({ entry, contentCid, ifRevision, label, ingest, objects }: Commit, options?: CallOptions): Promise<FoundEntry> {
    const { name, cid, schemaRef, dataUrls, metadata, details, legacyUuid } = entry
    const content = [schemaRef, dataUrls, metadata, details, contentCid, legacyUuid]
    const journal = [ingest?.id, ingest?.owner, objects && JSON.stringify(objects)]
    const args = [name, cid, ifRevision, ...content, label?.version, label?.description, ...journal]
    return toFound(await this.#redis.write('commit', args, options), this.#keys)
  }

  async moveName(name: string, cid: string, options?: WriteOptions): Promise<NamePointer> {
    return toPointer(await this.#redis.write('move-name', [name, cid, options?.ifRevision], options))
  }

  async findByName(name: string, at: Moment | undefined, options?: CallOptions): Promise<FoundEntry | undefined> {
    if (at === undefined) return ifFound(await this.#redis.read('find-by-name', [name], options), this.#keys)
    const moment = 'revision' in at ? ['revision', at.revision] : ['time', at.timeMs]
    return ifFound(await this.#redis.read('find-at', [name, ...moment], options), this.#keys)
  }

  async findByCid(cid: string, options?: CallOptions): Promise<StoredEntry | undefined> {
    const reply = await this.#redis.read('find-by-cid', [cid], options)
    return reply === null ? undefined : toEntry(reply, this.#keys)
  }

  async listEntries(options?: PageOptions): Promise<Page<StoredEntry>> {
    const limit = pageLimit(options)
    const reply = toArray(await this.#redis.read('list-entries', [numericCursor(options), limit + 1], options))
    const rows: { sequence: number; entry: Parameters<typeof toEntry>[0] }[] = []
    for (let i = 0; i < reply.length; i += 2) rows.push({ sequence: toNumber(reply[i]), entry: reply[i + 1] ?? null })
    const page = cutPage(rows, limit, (last) => String(last.sequence))
    // An entry that somebody deleted behind our back leaves its place in the list empty.
    return { ...page, items: page.items.filter(({ entry }) => entry !== null).map(({ entry }) => toEntry(entry, this.#keys)) }
  }

  async deleteEntry(cid: string, options?: CallOptions): Promise<void> {
    await this.#redis.write('delete-entry', [cid], options)
  }

  async listNames(prefix: string, options?: PageOptions): Promise<Page<NamePointer>> {
    const limit = pageLimit(options)
    const min = options?.cursor === undefined ? `[${prefix}` : `(${options.cursor}`
    const reply = await this.#redis.read('list-names', [min, `[${prefix}${LAST}`, limit + 1], options)
    return cutPage(toArray(reply).map(toPointer), limit, (last) => last.name)
  }

  async namesOf(cid: string, options?: CallOptions): Promise<readonly string[]> {
    const names = toArray(await this.#redis.read('names-of', [cid], options)) as readonly Buffer[]
    return names.toSorted((a, b) => Buffer.compare(a, b)).map(toText)
  }

  async listHistory(name: string, options?: PageOptions): Promise<Page<NameRevision>> {
    const limit = pageLimit(options)
    const min = options?.cursor === undefined ? '-inf' : `(${numericCursor(options)}`
    const reply = toArray(await this.#redis.read('list-history', [name, min, limit + 1], options))
    const steps: NameRevision[] = []
    for (let i = 0; i < reply.length; i += 2) steps.push(toStep(name, reply[i], reply[i + 1]))
    return cutPage(steps, limit, (last) => String(last.revision))
  }

  async findHead(name: string, options?: CallOptions): Promise<HistoryHead | undefined> {
    const reply = await this.#redis.read('find-head', [name], options)
    return reply === null ? undefined : toHead(reply)
  }

  async rename(from: string, to: string, options?: WriteOptions): Promise<NamePointer> {
    return toPointer(await this.#redis.write('rename', [from, to, options?.ifRevision], options))
  }

  async deleteName(name: string, options?: WriteOptions): Promise<void> {
    await this.#redis.write('delete-name', [name, options?.ifRevision], options)
  }

  async putLabel({ name, version, cid, description }: Label, options?: CallOptions): Promise<void> {
    await this.#redis.write('put-label', [name, version, cid, description], options)
  }

  async findLabel(name: string, version: string | undefined, options?: CallOptions): Promise<Label | undefined> {
    const which = version === undefined ? 'last' : 'is'
    const reply = await this.#redis.read('find-label', [name, which, version], options)
    return reply === null ? undefined : toLabel(reply)
  }

  async listLabels(name: string | undefined, options?: PageOptions): Promise<Page<Label>> {
    const limit = pageLimit(options)
    const [start, end] = name === undefined ? ['-', '+'] : [`[${name}\0`, `[${name}\0${LAST}`]
    const min = options?.cursor === undefined ? start : `(${options.cursor}`
    const reply = await this.#redis.read('list-labels', [min, end, limit + 1], options)
    return cutPage(toArray(reply).map(toLabel), limit, (last) => `${last.name}\0${last.version}`)
  }

  async deleteLabel(name: string, version: string, options?: CallOptions): Promise<void> {
    await this.#redis.write('delete-label', [name, version], options)
  }

  async putSchema(
    schema: StoredSchema,
    digest: string,
    ifLatest: string | undefined,
    options?: CallOptions,
  ): Promise<'put' | 'taken' | 'stale'> {
    const { typeName, version, text } = schema
    const condition = ifLatest === undefined ? ['any'] : ['latest', ifLatest]
    const args = [typeName, version, versionKey(version), digest, text, ...condition]
    const [outcome, found] = toArray(await this.#redis.write('put-schema', args, options))
    // It may be one that atdata wrote and nobody has indexed yet.
    if (found !== undefined) await this.#indexSchema({ typeName, version, text: toText(found) }, options)
    return toText(outcome) as 'put' | 'taken' | 'stale'
  }

  async schemaState(typeName: string, digest: string, options?: CallOptions): Promise<SchemaState> {
    const [latest, sameAs] = toArray(await this.#redis.read('schema-state', [typeName, digest], options))
    return { latest: latest ? toText(latest) : undefined, sameAs: sameAs ? toText(sameAs) : undefined }
  }

  async findSchema(typeName: string, version: string, name: string, options?: CallOptions): Promise<string | undefined> {
    const keys = [typeName, name].map((stem) => `${this.#keys.schema}${stem}@${version}`)
    const found = toArray(await this.#redis.call(['MGET', ...keys], options)).find((text) => text !== null)
    return found === undefined ? undefined : toText(found)
  }

  async listSchemas(options?: PageOptions): Promise<Page<StoredSchema>> {
    const limit = pageLimit(options)
    const min = options?.cursor === undefined ? '-' : `(${options.cursor}`
    const reply = toArray(await this.#redis.read('list-schemas', [min, limit + 1], options))
    const rows = reply.map((row) => {
      const [member, text = null] = toArray(row)
      return { member: toText(member), text }
    })
    const page = cutPage(rows, limit, (last) => last.member)
    const items = page.items.filter(({ text }) => text !== null)
    return { ...page, items: items.map(({ member, text }) => ({ ...splitMember(member), text: toText(text) })) }
  }

  async registryId(options?: CallOptions): Promise<string> {
    return uuidOf(toText(await this.#redis.read('registry-id', [randomUUID()], options)), 'the key shardex:registry')
  }

  adopt(options?: CallOptions): Promise<number> {
    return adoptAll(this, this.#redis, this.#keys, (schema) => this.#indexSchema(schema, options), options)
  }

  diagnose(options?: CallOptions): Promise<Diagnosis> {
    return diagnoseRedis(this.#redis, this.#keys, options)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#redis[Symbol.asyncDispose]()
  }

  async #indexSchema({ typeName, version, text }: StoredSchema, options: CallOptions | undefined): Promise<number> {
    const args = [typeName, version, versionKey(version), digestOfStored(text)]
    return toNumber(await this.#redis.write('index-schema', args, options))
  }
}

/** `type name NUL version key NUL version` */
function splitMember(member: string): { typeName: string; version: string } {
  const [typeName = '', , version = ''] = member.split('\0')
  return { typeName, version }
}
