import type { ObjectStore } from '../object-store.ts'
import type { S3Options } from './connection.ts'

/**
 * Objects of one bucket of AWS or of any S3-compatible server. Nothing is connected to before the first call.
 *
 * `put` with `ifAbsent` never overwrites; on servers that ignore conditions on multipart uploads (Ceph before 20) that holds for what
 * fits into one part, and for more as long as two writers of one key do not overlap. `copy` with `ifAbsent` looks first and is not safe
 * against a race anywhere. Objects over 5 GiB cannot be copied.
 * @throws {ShardexError} `credentials.missing`, `config.invalid`, `key.invalid` for the prefix
 */
export async function openS3Store(options: S3Options): Promise<ObjectStore> {
  // The AWS client takes as long to load as all of ours, and most programs on one machine never open a bucket.
  const { bucketStore } = await import('./bucket-store.ts')
  return bucketStore(options)
}
