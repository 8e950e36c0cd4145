import type { DataStore } from '@shardex/repo'
import type { StorageKind } from './place-shards.ts'
import type { UrlRules } from './public-url.ts'

/** What is said of a dataset where it is published, and where its shards shall lie. */
export interface PrepareOptions extends UrlRules {
  /** What the dataset is called there. Default: its name here. */
  readonly name?: string | undefined
  /** The version that the label says. Default: none. */
  readonly version?: string | undefined
  /** Of at most 5000 bytes. */
  readonly description?: string | undefined
  /** At most 30, of at most 150 bytes each. */
  readonly tags?: readonly string[] | undefined
  readonly license?: string | undefined
  /**
   * What else the record says of the content: plain objects, lists, text, whole numbers, booleans and bytes, at most 30 deep with
   * the record itself; no keys `$bytes`, `$link`, `$type` and `__proto__`.
   */
  readonly contentMetadata?: Readonly<Record<string, unknown>> | undefined
  /** Default: `s3` with a `dataStore`, else where the shards are; those of this machine become blobs. */
  readonly storage?: StorageKind | undefined
  /** Where the shards are copied to first, unless they become blobs. Default: they stay where they are. */
  readonly dataStore?: DataStore | undefined
  /** The server of the bucket; `{}` is Amazon's. Default: that of `dataStore`; without one it must be said, since a bucket's URL does not tell it. */
  readonly s3?: S3Place | undefined
  /** The account that is to have the records: its DID. Default: `handle.invalid`, to look at them without one. */
  readonly repo?: string | undefined
  /** The time of the label, and of records whose own time is not known. Default: now. */
  readonly now?: Date | undefined
  readonly signal?: AbortSignal | undefined
}

/** The server of a bucket, where it is not Amazon's. */
export interface S3Place {
  readonly endpoint?: string | undefined
  readonly region?: string | undefined
}
