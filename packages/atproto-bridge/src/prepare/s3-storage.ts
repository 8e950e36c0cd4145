import { describe } from '@shardex/errors'
import { parseUrl } from '@shardex/storage'
import { STORAGE } from '../nsid.ts'
import type { StorageS3 } from '../records.ts'
import { checksumOf } from './checksum.ts'
import type { PlacedShard, StorageKind } from './place-shards.ts'
import type { PrepareOptions, S3Place } from './prepare-options.ts'
import type { Note, Problem } from './problem.ts'
import { faultOfUrl, type UrlRules } from './public-url.ts'

/** The server of a bucket: as it is given, else as the store of the copies says it. */
export function s3PlaceOf(
  kind: StorageKind,
  [first]: readonly PlacedShard[],
  { s3, dataStore }: Pick<PrepareOptions, 's3' | 'dataStore'>,
): S3Place {
  if (s3?.endpoint !== undefined || kind !== 's3' || dataStore === undefined || first === undefined) return s3 ?? {}
  const readUrl = dataStore.readUrl(first.url)
  const path = first.url.slice('s3:/'.length)
  return /^https?:/i.test(readUrl) && readUrl.endsWith(path) ? { ...s3, endpoint: readUrl.slice(0, -path.length) } : { ...s3 }
}

/** A bucket is another one at another server, and whoever reads would ask Amazon's. */
export const SERVER_UNKNOWN: Problem = {
  code: 'endpoint.missing',
  path: 'entry.storage.endpoint',
  found: 'no server of the bucket',
  wanted: 'its endpoint',
  advice: "say where the bucket is: s3: { endpoint: 'https://…' }, or s3: {} for Amazon's",
}

/** Shards in one bucket, with what is wrong told to `note`. */
export function toS3(shards: readonly PlacedShard[], { endpoint, region }: S3Place, rules: UrlRules, note: Note): StorageS3 {
  const fault = endpoint === undefined ? undefined : faultOfUrl(endpoint, rules)
  if (fault !== undefined) note({ ...fault, path: 'entry.storage.endpoint' })
  if (region !== undefined && !/^[a-z0-9-]{1,50}$/i.test(region))
    note({
      code: 'value.unsupported',
      path: 'entry.storage.region',
      found: describe(region),
      wanted: 'a region like eu-central-1',
      advice: 'leave it out for servers that have none',
    })
  const places = shards.map((shard, i) => objectOf(shard.url, `entry.storage.shards[${i}].key`, note))
  const [bucket = '', ...others] = new Set(places.flatMap((place) => place?.bucket ?? []))
  if (others.length > 0)
    note({
      code: 'bucket.many',
      path: 'entry.storage.bucket',
      found: [bucket, ...others].join(', '),
      wanted: 'one bucket',
      advice: 'copy the shards to one store (dataStore)',
    })
  return {
    $type: STORAGE.s3,
    bucket,
    shards: shards.map((shard, i) => ({
      key: places[i]?.key ?? '',
      checksum: checksumOf(shard, `entry.storage.shards[${i}]`, note),
    })),
    ...(region !== undefined && { region }),
    ...(endpoint !== undefined && { endpoint }),
  }
}

function objectOf(url: string, path: string, note: Note): { bucket: string; key: string } | undefined {
  if (/^s3:/i.test(url)) {
    if (/[{}]/.test(url)) {
      note({
        code: 'url.pattern',
        path,
        found: 'a brace pattern',
        wanted: 'one key for each shard',
        advice: 'insert the shards one by one: a record has a digest for each',
      })
      return undefined
    }
    const parsed = parseS3(url)
    if (parsed !== undefined) return parsed
    note({ code: 'url.invalid', path, found: 'an s3: URL that cannot be read', wanted: 's3://bucket/key', advice: 'mend it' })
    return undefined
  }
  const isLocal = !/^[a-z][a-z0-9+.-]*:/i.test(url) || /^file:/i.test(url)
  note({
    code: isLocal ? 'url.local' : 'url.scheme',
    path,
    found: isLocal ? 'a path of this machine' : `the scheme ${url.slice(0, url.indexOf(':') + 1)}`,
    wanted: 's3://bucket/key',
    advice: 'give a store on S3 to copy the shards to (dataStore), or publish them as blobs',
  })
  return undefined
}

function parseS3(url: string): { bucket: string; key: string } | undefined {
  try {
    const parsed = parseUrl(url)
    return parsed.scheme === 's3' && parsed.key !== '' ? parsed : undefined
  } catch {
    return undefined
  }
}
