import { blobRefOf } from '../blob-ref.ts'
import { STORAGE } from '../nsid.ts'
import type { DatasetEntryRecord, StorageBlobs, StorageHttp } from '../records.ts'
import { checksumOf, UNDESCRIBED } from './checksum.ts'
import type { PlacedShard, StorageKind } from './place-shards.ts'
import type { S3Place } from './prepare-options.ts'
import type { Note } from './problem.ts'
import { faultOfUrl, type UrlRules } from './public-url.ts'
import { toS3 } from './s3-storage.ts'

/** What the lexicon lets a blob be. */
export const MAX_BLOB_BYTES = 52_428_800
export const SHARD_TYPE = 'application/x-tar'
export const INDEX_TYPE = 'application/octet-stream'

/** The storage of an entry's record, with what is wrong told to `note`. */
export function toStorage(
  kind: StorageKind,
  shards: readonly PlacedShard[],
  s3: S3Place,
  rules: UrlRules,
  note: Note,
): DatasetEntryRecord['storage'] {
  if (shards.length === 0)
    note({
      code: 'shards.missing',
      path: 'entry.storage',
      found: 'no shards',
      wanted: 'one at least',
      advice: 'insert samples first',
    })
  switch (kind) {
    case 'urls':
      return toHttp(shards, rules, note)
    case 's3':
      return toS3(shards, s3, rules, note)
    case 'blobs':
      return toBlobs(shards, note)
  }
}

function toHttp(shards: readonly PlacedShard[], rules: UrlRules, note: Note): StorageHttp {
  return {
    $type: STORAGE.http,
    shards: shards.map((shard, i) => {
      const path = `entry.storage.shards[${i}]`
      const fault = faultOfUrl(shard.url, rules)
      if (fault !== undefined) note({ ...fault, path: `${path}.url` })
      return { url: shard.url, checksum: checksumOf(shard, path, note) }
    }),
  }
}

function toBlobs(shards: readonly PlacedShard[], note: Note): StorageBlobs {
  return {
    $type: STORAGE.blobs,
    blobs: shards.map((shard, i) => {
      const path = `entry.storage.blobs[${i}]`
      const { sha256 = '0'.repeat(64), sizeBytes = 0 } = shard
      const checksum = checksumOf(shard, path, note)
      if (sizeBytes > MAX_BLOB_BYTES)
        note({
          code: 'blob.too_large',
          path: `${path}.blob`,
          found: `${sizeBytes} bytes`,
          wanted: `at most ${MAX_BLOB_BYTES}`,
          advice: 'insert the samples again with smaller shards (maxsize 50MB), or publish them on S3 or a web server',
        })
      if (shard.sha256 !== undefined && shard.sizeBytes === undefined)
        note({ ...UNDESCRIBED, code: 'digest.missing', path: `${path}.blob`, found: 'no size', wanted: 'the size of the shard' })
      return { blob: blobRefOf(sha256, sizeBytes, SHARD_TYPE), checksum }
    }),
  }
}
