import { encodeMsgpack } from '@shardex/schema'
import { entryCid } from '../cid.ts'
import { allItems } from '../paging.ts'
import type { CallOptions, IndexProvider, StoredSchema } from '../provider.ts'
import { versionKey } from '../version-key.ts'
import type { RedisConnection } from './connection.ts'
import { globOf, type Keys } from './keys.ts'
import type { RedisLenses } from './lenses.ts'
import { toArray, toNumber, toText } from './replies.ts'

/**
 * Walk once through the whole keyspace and index what atdata wrote there, of any era. Safe to repeat and to run from several processes.
 * Names come from labels first, then from entries.
 * @returns how many entries, labels, schemas and lenses were new to the index
 */
export async function adoptAll(
  index: IndexProvider & { readonly lenses: RedisLenses },
  redis: RedisConnection,
  keys: Keys,
  indexSchema: (schema: StoredSchema) => Promise<number>,
  options: CallOptions | undefined,
): Promise<number> {
  let adopted = 0
  for await (const found of scan(redis, keys.label, options)) {
    adopted += toNumber(await redis.write('adopt-labels', found, options))
  }
  for await (const found of scan(redis, keys.basicEntry, options)) {
    for (const key of found) adopted += await adoptBasicEntry(index, redis, key, options)
  }
  await pointNamesToHighestLabels(index, redis, options)
  for await (const found of scan(redis, keys.entry, options)) {
    const cids = found.map((key) => key.slice(keys.entry.length))
    adopted += toNumber(await redis.write('adopt-entries', cids, options))
  }
  for await (const found of scan(redis, keys.schema, options)) {
    for (const key of found) adopted += await adoptSchema(redis, keys, key, indexSchema, options)
  }
  for await (const found of scan(redis, keys.lens, options)) {
    adopted += await index.lenses.adopt(
      found.map((key) => key.slice(keys.lens.length)),
      options,
    )
  }
  return adopted
}

/** Names for one script: Redis does nothing else meanwhile, and a new revision takes it about 0.2 ms. */
const BATCH = 50

/** Keys that start with `root`, a few at a time. A key may come twice. */
async function* scan(
  redis: RedisConnection,
  root: string,
  options: CallOptions | undefined,
): AsyncGenerator<string[], void, void> {
  let cursor = '0'
  do {
    const [next, found] = toArray(await redis.call(['SCAN', cursor, 'MATCH', globOf(root), 'COUNT', 1000], options))
    const names = toArray(found).map(toText)
    for (let i = 0; i < names.length; i += BATCH) yield names.slice(i, i + BATCH)
    cursor = toText(next)
  } while (cursor !== '0')
}

/** Since labels exist, atdata can give a dataset a version without giving it an unversioned label. */
async function pointNamesToHighestLabels(
  index: IndexProvider,
  redis: RedisConnection,
  options: CallOptions | undefined,
): Promise<void> {
  let highest: { name: string; version: string; cid: string } | undefined
  const point = async (): Promise<void> => {
    if (highest) await redis.write('adopt-name', [highest.name, highest.cid], options)
  }
  // The labels of one name follow each other.
  for await (const label of allItems((page) => index.listLabels(undefined, page), options)) {
    if (highest?.name !== label.name) {
      await point()
      highest = label
    } else if (versionKey(label.version) > versionKey(highest.version)) highest = label
  }
  await point()
}

/** The first version of atdata stored `wds_url`, `sample_kind`, `metadata_url` and `uuid`, and no name. */
async function adoptBasicEntry(
  index: IndexProvider,
  redis: RedisConnection,
  key: string,
  options: CallOptions | undefined,
): Promise<number> {
  const fields = toArray(await redis.call(['HMGET', key, 'wds_url', 'sample_kind', 'metadata_url', 'uuid'], options))
  const [wdsUrl, schemaRef, metadataUrl, uuid] = fields.map((field) => (field === null ? undefined : toText(field)))
  if (wdsUrl === undefined || schemaRef === undefined || uuid === undefined) return 0
  const dataUrls = [wdsUrl]
  const cid = entryCid({ schemaRef, dataUrls })
  if (await index.findByCid(cid, options)) return 0
  const metadata = metadataUrl === undefined ? undefined : encodeMsgpack({ metadata_url: metadataUrl })
  const entry = { cid, name: uuid, schemaRef, dataUrls: encodeMsgpack(dataUrls), metadata, legacyUuid: uuid }
  await index.commit({ entry }, options)
  return 1
}

async function adoptSchema(
  redis: RedisConnection,
  keys: Keys,
  key: string,
  indexSchema: (schema: StoredSchema) => Promise<number>,
  options: CallOptions | undefined,
): Promise<number> {
  const at = key.lastIndexOf('@')
  const [typeName, version] = [key.slice(keys.schema.length, at), key.slice(at + 1)]
  // What an early era stored under a dotted name is found by its reference, but has no place among the versions of a type.
  if (at < keys.schema.length || typeName.includes('.')) return 0
  const text = await redis.call(['GET', key], options)
  return text === null ? 0 : indexSchema({ typeName, version, text: toText(text) })
}
