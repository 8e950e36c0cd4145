import { type DataStore, INDEX_SUFFIX } from '@shardex/repo'
import { copyPrefix, urlPath } from '../prepare/place-shards.ts'
import type { DatasetEntryRecord } from '../records.ts'
import type { Publisher } from './publisher.ts'
import { type Found, survey } from './survey.ts'

/**
 * Deletes the copies of a name that no record of the account needs: those of records that have just been deleted, and whatever earlier runs have left. Doing it
 * again does no harm.
 */
export async function sweepCopies(agent: Publisher, name: string, store: DataStore, signal?: AbortSignal): Promise<void> {
  const objects = await store.objects()
  const needed = new Set((await survey(agent, signal)).entries.flatMap(endsOf))
  const prefix = copyPrefix({ repo: agent.assertDid, name })
  let cursor: string | undefined
  do {
    const page = await objects.list(prefix, { signal, cursor })
    for (const { key } of page.objects) {
      const shard = key.endsWith(INDEX_SUFFIX) ? key.slice(0, -INDEX_SUFFIX.length) : key
      if (!needed.has(shard) && !needed.has(urlPath(shard))) await objects.delete(key, { signal })
    }
    cursor = page.cursor
  } while (cursor !== undefined)
}

/** What keys and URLs end with that any record names, whoever wrote it: as many steps as the key of a copy has. */
function endsOf({ record: { storage } }: Found<DatasetEntryRecord>): string[] {
  const { shards } = Object(storage) as { shards?: unknown }
  if (!Array.isArray(shards)) return []
  return shards
    .flatMap((shard: { key?: unknown; url?: unknown } | null) => [shard?.key, shard?.url])
    .filter((place) => typeof place === 'string')
    .map((place) => place.split('/').slice(-4).join('/'))
}
