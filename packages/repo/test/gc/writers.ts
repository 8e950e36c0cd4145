import { createHash, randomUUID } from 'node:crypto'
import { type Entry, entryCid, type Ingest, type ShardDescription } from '@shardex/index'
import type { ObjectStore } from '@shardex/storage'
import { ownUuid } from '../../src/ingest/own-uuid.ts'
import type { Setting } from '../settings.ts'

/** A year: this writer lives until it says otherwise. */
const LEASE_MS = 86_400_000

/** An insert in the middle of its work. Its shards are small texts: collectors do not look into them. */
export interface Writer {
  readonly ingest: Ingest
  readonly urls: readonly string[]
  /** Store a shard as the layout wants it, and note it. */
  write(text: string): Promise<void>
  commit(name: string): Promise<Entry>
  /** As if it had died a while ago: its lease runs no longer. */
  die(): Promise<void>
}

export interface WriterOptions {
  readonly layout?: 'sequence' | 'content' | undefined
  readonly resumable?: boolean | undefined
  /** Of the folder in which it writes. */
  readonly folder?: string | undefined
  readonly id?: string | undefined
}

/** Where the objects of a setting lie: `s3://bucket/` or a path, with `/`. */
export async function rootOf({ store }: Setting): Promise<{ objects: ObjectStore; keyRoot: string; root: string }> {
  const root = 'root' in store ? `${String(store.root)}/` : `s3://${String((store as unknown as { bucket: string }).bucket)}/`
  const { store: objects, key } = await store.storage.locate(`${root}x`)
  return { objects, keyRoot: key.slice(0, -1), root }
}

/** Write by the protocol of journals: store, note, and with shared objects look again. */
export async function startWriter(
  setting: Setting,
  { layout = 'sequence', resumable = false, folder = 'set', id = randomUUID() }: WriterOptions = {},
): Promise<Writer> {
  const { index } = setting
  const { objects, root } = await rootOf(setting)
  const registryId = await index.registryId()
  const base = `${root}${folder}/${layout === 'sequence' ? `data--${ownUuid(registryId)}--` : `content/${registryId}/`}`
  const owner = randomUUID()
  const plan = { id, name: folder, base, layout, settings: 'x', resumable }
  const ingest = await index.ingests.begin(plan, { owner, leaseMs: LEASE_MS })
  const shards: ShardDescription[] = []
  for await (const { description } of index.ingests.shards(id)) shards.push(description)
  const put = async (url: string, text: string) => {
    const { key } = await setting.store.storage.locate(url)
    if ((await objects.head(key)) === undefined)
      await objects.put(key, Buffer.from(text), { ifAbsent: true }).catch((error: { code?: string }) => {
        if (error.code !== 'storage.exists') throw error
      })
  }
  const isThere = async (url: string) => (await objects.head((await setting.store.storage.locate(url)).key)) !== undefined
  return {
    ingest,
    get urls() {
      return shards.map(({ url }) => url)
    },
    async write(text) {
      const digest = createHash('sha256').update(text).digest('hex')
      const number = shards.length
      let url = `${ingest.base}${layout === 'sequence' ? String(number).padStart(6, '0') : digest}.tar`
      for (;;) {
        await put(url, text)
        await put(`${url}.idx`, `index of ${text}`)
        const description = { ...SHARD, url, sha256: digest, sizeBytes: text.length }
        const deleting = await index.ingests.note(id, owner, number, description, [url, `${url}.idx`])
        if (deleting.length > 0) url = `${ingest.base}${digest}--${randomUUID()}.tar`
        else if ((await isThere(url)) && (await isThere(`${url}.idx`))) {
          shards.push(description)
          return
        }
      }
    },
    commit(name) {
      const dataUrls = shards.map(({ url }) => url)
      return index.commitEntry({ name, schemaRef: SCHEMA, dataUrls, shards, ingest: { id, owner } })
    },
    die: () => index.ingests.release(id, owner),
  }
}

/** Write shards and commit them at once. */
export async function insert(setting: Setting, name: string, texts: readonly string[], options?: WriterOptions): Promise<Entry> {
  const writer = await startWriter(setting, { folder: name, ...options })
  for (const text of texts) await writer.write(text)
  return writer.commit(name)
}

/** Remove a name and its entry, and leave the objects to the collector. */
export async function purge({ index }: Setting, { cid }: Pick<Entry, 'cid'>): Promise<void> {
  for (const name of await index.namesOf(cid)) await index.deleteName(name)
  await index.deleteEntry(cid)
}

/** Point an entry at URLs, as a person may. */
export function addByHand({ index }: Setting, name: string, dataUrls: readonly string[]): Promise<Entry> {
  return index.addEntry({ dataUrls }, { name, schemaRef: SCHEMA })
}

export function cidByHand(dataUrls: readonly string[]): string {
  return entryCid({ schemaRef: SCHEMA, dataUrls })
}

/** Every object of every shard. */
export function withIndexes(urls: readonly string[]): string[] {
  return urls.flatMap((url) => [url, `${url}.idx`])
}

export async function putForeign(setting: Setting, path: string): Promise<string> {
  const { objects, keyRoot, root } = await rootOf(setting)
  await objects.put(keyRoot + path, Buffer.from('not ours'))
  return root + path
}

const SCHEMA = 'local://schemas/tests.Tiny@1.0.0'

const SHARD: Omit<ShardDescription, 'url' | 'sha256' | 'sizeBytes'> = {
  sampleCount: 1,
  minKey: 'a',
  maxKey: 'a',
  merkleRoot: '0'.repeat(64),
  indexSha256: '0'.repeat(64),
  indexSizeBytes: 1,
}
