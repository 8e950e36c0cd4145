import type { BlobRef } from '@atproto/lexicon'
import type { FieldRecord } from '@shardex/schema'
import type { JSON_SCHEMA_FORMAT, NSID, OLD_NSID, STORAGE } from './nsid.ts'

/**
 * The records of a dataset on the AT Protocol, as `@atproto/api` gives and takes them: byte strings are `Uint8Array`, blobs `BlobRef`. Keys that
 * begin with nothing of the lexicons (`shardex`) are ours; other readers pass over them.
 */
export type DatasetRecord = DatasetSchemaRecord | DatasetEntryRecord | DatasetLabelRecord | DatasetLensRecord

/** What a sample is. */
export interface DatasetSchemaRecord {
  readonly $type: typeof NSID.schema
  /** The name of the type without its module. */
  readonly name: string
  readonly version: string
  readonly schemaType: string
  readonly schema: JsonSchemaBody
  /** ISO 8601, as everywhere. */
  readonly createdAt: string
  readonly atdataSchemaVersion?: number | undefined
  readonly description?: string | undefined
  readonly metadata?: { readonly license?: string | undefined; readonly tags?: readonly string[] | undefined } | undefined
  readonly shardex?: SchemaMark | undefined
}

/** JSON Schema of draft 7 with atdata's reference for arrays, which says neither dtype nor shape. */
export interface JsonSchemaBody {
  readonly $type: typeof JSON_SCHEMA_FORMAT
  readonly $schema: 'http://json-schema.org/draft-07/schema#'
  readonly type: 'object'
  readonly properties: Readonly<Record<string, JsonSchemaProperty>>
  readonly required?: readonly string[] | undefined
  readonly arrayFormatVersions?: Readonly<Record<string, string>> | undefined
}

export type JsonSchemaProperty = { readonly [key: string]: unknown }

/** What JSON Schema loses: the order of the fields (a repository sorts the keys of maps), dtypes and shapes. */
export interface SchemaMark {
  readonly format: 1
  /** The name's part before the last dot. */
  readonly module?: string | undefined
  /** As in the record of the local registry. */
  readonly fields: readonly FieldRecord[]
}

/** One dataset. */
export interface DatasetEntryRecord {
  readonly $type: typeof NSID.entry
  readonly name: string
  /** The `at://` URI of the schema's record. */
  readonly schemaRef: string
  readonly storage: StorageHttp | StorageS3 | StorageBlobs
  readonly createdAt: string
  readonly description?: string | undefined
  /** msgpack of a map as the lexicon wants it; atdata 0.4 and later write an {@link EntryMetadataFields} in spite of it. */
  readonly metadata?: Uint8Array | EntryMetadataFields | undefined
  readonly tags?: readonly string[] | undefined
  readonly size?: { readonly samples?: number; readonly bytes?: number; readonly shards?: number } | undefined
  readonly license?: string | undefined
  readonly metadataSchemaRef?: string | undefined
  readonly contentMetadata?: Readonly<Record<string, unknown>> | undefined
  readonly shardex?: EntryMark | undefined
}

export interface EntryMetadataFields {
  readonly sourceUri?: unknown
  readonly createdBy?: unknown
  readonly version?: unknown
  readonly processingSteps?: unknown
  readonly split?: unknown
  readonly custom?: Readonly<Record<string, unknown>>
}

/** What the registry knows of the shards beyond their digests, so that a reader proves samples as it would at home. */
export interface EntryMark {
  readonly format: 1
  /** The content CID of the dataset (`docs/formats/content.md`). */
  readonly content: string
  /** One description per shard in order, as the registry keeps them: `decodeDetails` of `@shardex/index` reads it. */
  readonly details: Uint8Array
  /** The offset indexes in order, if the shards are blobs: nothing lies beside a blob. */
  readonly indexes?: readonly BlobRef[] | undefined
}

export interface ShardChecksum {
  /** `sha256`, or `none` from atdata where it does not know. */
  readonly algorithm: string
  /** Hex digits. */
  readonly digest: string
}

export interface StorageHttp {
  readonly $type: typeof STORAGE.http
  readonly shards: readonly { readonly url: string; readonly checksum: ShardChecksum }[]
}

export interface StorageS3 {
  readonly $type: typeof STORAGE.s3
  readonly bucket: string
  readonly shards: readonly { readonly key: string; readonly checksum: ShardChecksum }[]
  readonly region?: string | undefined
  readonly endpoint?: string | undefined
}

export interface StorageBlobs {
  readonly $type: typeof STORAGE.blobs
  readonly blobs: readonly { readonly blob: BlobRef; readonly checksum?: ShardChecksum | undefined }[]
}

/** A name, and perhaps a version, for a dataset. */
export interface DatasetLabelRecord {
  readonly $type: typeof NSID.label
  readonly name: string
  /** The `at://` URI of the entry's record. */
  readonly datasetUri: string
  readonly createdAt: string
  readonly version?: string | undefined
  readonly description?: string | undefined
}

/** Code that shows samples of one schema as samples of another. */
export interface DatasetLensRecord {
  readonly $type: typeof NSID.lens
  readonly name: string
  readonly sourceSchema: string
  readonly targetSchema: string
  readonly getterCode: CodeReference
  readonly putterCode: CodeReference
  readonly createdAt: string
  readonly description?: string | undefined
  readonly language?: string | undefined
  readonly metadata?: Readonly<Record<string, unknown>> | undefined
  readonly sourceSchemaVersion?: string | undefined
  readonly targetSchemaVersion?: string | undefined
}

export interface CodeReference {
  readonly repository: string
  readonly commit: string
  readonly path: string
  readonly branch?: string | undefined
  readonly language?: string | undefined
}

/** The records of the first generation, which are only read. */
export type OldDatasetRecord = OldSchemaRecord | OldEntryRecord

export interface OldSchemaRecord {
  readonly $type: typeof OLD_NSID.schema | typeof OLD_NSID.sampleSchema
  readonly name: string
  readonly version: string
  readonly createdAt: string
  /** Up to atdata 0.3.1. */
  readonly fields?: readonly unknown[] | undefined
  /** After that. */
  readonly schemaType?: string | undefined
  readonly schema?: Readonly<Record<string, unknown>> | undefined
  readonly description?: string | undefined
  readonly metadata?: unknown
}

export interface OldEntryRecord {
  readonly $type: typeof OLD_NSID.entry
  readonly name: string
  readonly schemaRef: string
  readonly storage: OldStorage
  readonly createdAt: string
  readonly description?: string | undefined
  readonly metadata?: Uint8Array | EntryMetadataFields | undefined
  readonly tags?: readonly string[] | undefined
  readonly license?: string | undefined
}

export type OldStorage =
  | { readonly $type: typeof STORAGE.oldExternal /** Brace patterns happen. */; readonly urls: readonly string[] }
  | {
      readonly $type: typeof STORAGE.oldBlobs
      readonly blobs: readonly (BlobRef | { readonly blob: BlobRef; readonly checksum?: ShardChecksum | undefined })[]
    }
  | {
      readonly $type: typeof STORAGE.oldHttp
      readonly shards: readonly { readonly url: string; readonly checksum?: ShardChecksum | undefined }[]
    }
  | {
      readonly $type: typeof STORAGE.oldS3
      readonly bucket: string
      readonly shards: readonly { readonly key: string; readonly checksum?: ShardChecksum | undefined }[]
      readonly region?: string | undefined
      readonly endpoint?: string | undefined
    }
