/**
 * Where bytes live: directories, S3 buckets and web servers behind one interface. Read {@link ObjectStore} first, then open one;
 * {@link openStorage} opens whatever a URL needs.
 *
 * ```ts
 * await using storage = openStorage({ s3: '.env' })
 * const { store, key } = await storage.locate('s3://bucket/train/shard-000000.tar')
 * for await (const chunk of (await store.get(key))?.chunks ?? []) hash.update(chunk)
 * ```
 * @module
 */
// A browser has only what lies on the web: there these say so.
export { openFileStore, openS3Store, readS3Credentials, withCache } from '#platform'
export type { RetryOptions } from './backoff.ts'
export { type ExpandOptions, expandBraces } from './brace-expand.ts'
export type { CacheOptions } from './cache/cache-options.ts'
export type { FileStoreOptions } from './file/open.ts'
export { type HttpStoreOptions, openHttpStore } from './http/open.ts'
export { MemoryPool, type MemoryPoolOptions } from './memory-pool.ts'
export { assertObjectKey, isObjectKey } from './object-key.ts'
export type {
  ByteRange,
  CallOptions,
  ChunkOptions,
  GetOptions,
  HeadOptions,
  ListOptions,
  ListPage,
  ObjectBody,
  ObjectHead,
  ObjectStore,
  PutOptions,
  StoreSupports,
  SweepOptions,
} from './object-store.ts'
export type { S3Options, S3Timeouts, S3UploadOptions } from './s3/connection.ts'
export type { S3Credentials } from './s3/credentials.ts'
export { abortable, stoppable } from './stoppable.ts'
export { type Located, openStorage, type Storage, type StorageOptions } from './storage.ts'
export { type ParsedUrl, parseUrl } from './url.ts'
export { wholeBody } from './whole-body.ts'
