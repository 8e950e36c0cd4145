import { DatabaseSync } from 'node:sqlite'
import { type EntryIdentity, entryCid, type LocalIndex } from '@shardex/index'
import { defineSample, encodeMsgpack, int } from '@shardex/schema'
import { Redis } from 'ioredis'

/** The datasets that a registry is filled with. */
export const nameOf = (i: number): string => `dataset-${i}`

export function identityOf(i: number): EntryIdentity {
  return { schemaRef: 'local://schemas/bench.Sample@1.0.19', dataUrls: [`s3://bucket/dataset-${i}/data-{000000..000009}.tar`] }
}

const metadataOf = (i: number) => ({ source: 'camera', recording: i })

const VERSIONS = 20

/** Versions 1.0.0 to 1.0.19 of one type. */
export async function publishVersions(index: LocalIndex): Promise<void> {
  for (let version = 0; version < VERSIONS; version++) {
    const type = defineSample('bench.Sample', { [`field${version}`]: int() })
    await index.publishSchema(type, { version: `1.0.${version}` })
  }
}

/** By `commitEntry`, with many on their way at once. */
export async function commitAll(index: LocalIndex, count: number): Promise<void> {
  let next = 0
  const writer = async () => {
    while (next < count) {
      const i = next++
      await index.commitEntry({ name: nameOf(i), ...identityOf(i), metadata: metadataOf(i) })
    }
  }
  await Promise.all(Array.from({ length: 256 }, writer))
}

const BATCH = 20_000

/**
 * A commit to SQLite waits for the disk, a million of them for many minutes. So rows go into atdata's table in large transactions, as a
 * registry that atdata has filled, and the index adopts them by itself, which writes all of its own tables.
 */
export async function adoptAll(index: LocalIndex, path: string, count: number): Promise<void> {
  await index.listNames({ limit: 1 }) // makes the tables
  using database = disposable(new DatabaseSync(path))
  const put = database.it.prepare(
    'INSERT INTO dataset_entries (cid, name, schema_ref, data_urls, metadata) VALUES (?, ?, ?, ?, ?)',
  )
  for (let i = 0; i < count; ) {
    database.it.exec('BEGIN')
    for (const end = Math.min(count, i + BATCH); i < end; i++) {
      const identity = identityOf(i)
      put.run(entryCid(identity), nameOf(i), identity.schemaRef, encodeMsgpack(identity.dataUrls), encodeMsgpack(metadataOf(i)))
    }
    database.it.exec('COMMIT')
    await index.listNames({ limit: 1 })
  }
  database.it.exec('PRAGMA wal_checkpoint(TRUNCATE)')
}

/** Only what atdata writes, for atdata's own way of looking up. */
export async function fillLikeAtdata(url: string, count: number): Promise<void> {
  const redis = new Redis(url)
  for (let i = 0; i < count; ) {
    const pipeline = redis.pipeline()
    for (const end = Math.min(count, i + BATCH); i < end; i++) {
      const identity = identityOf(i)
      const cid = entryCid(identity)
      pipeline.hset(`LocalDatasetEntry:${cid}`, {
        name: nameOf(i),
        schema_ref: identity.schemaRef,
        data_urls: Buffer.from(encodeMsgpack(identity.dataUrls)),
        cid,
        metadata: Buffer.from(encodeMsgpack(metadataOf(i))),
      })
    }
    await pipeline.exec()
  }
  redis.disconnect()
}

function disposable(it: DatabaseSync): Disposable & { it: DatabaseSync } {
  return { it, [Symbol.dispose]: () => it.close() }
}
