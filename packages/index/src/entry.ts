/** Any msgpack map with string keys. Integers beyond ±2^53 are bigints, byte strings are `Uint8Array`. */
export type Metadata = { readonly [key: string]: MetadataValue }
export type MetadataValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly MetadataValue[]
  | { readonly [key: string]: MetadataValue }

/** What the registry knows of one shard, so that its bytes can be proved and its samples found. */
export interface ShardDescription {
  readonly url: string
  /** SHA-256 of the whole tar, 64 lower-case hex digits. */
  readonly sha256: string
  readonly sizeBytes: number
  readonly sampleCount: number
  /** The smallest and the largest sample key of the shard, in UTF-8 byte order. */
  readonly minKey: string
  readonly maxKey: string
  /** The Merkle root (RFC 6962) over the leaf hashes of its samples, 64 lower-case hex digits. */
  readonly merkleRoot: string
  /** The offset index beside the shard, at `${url}.idx`, addressed by its own digest. */
  readonly indexSha256: string
  readonly indexSizeBytes: number
  /** The store's own checksum of the tar when it was stored (`checksum` of its `ObjectHead`), to be compared without reading; if it has one. */
  readonly storeChecksum?: string | undefined
}

/** What identifies an entry: its CID is the DAG-CBOR CIDv1 of `{schema_ref, data_urls}`. */
export interface EntryIdentity {
  readonly schemaRef: string
  readonly dataUrls: readonly string[]
}

/** One dataset in the registry. */
export interface Entry extends EntryIdentity {
  readonly cid: string
  /** The name it was found by; for an entry found by CID, the name it was first committed under (it follows renames). */
  readonly name: string
  readonly metadata?: Metadata | undefined
  /** One per shard in order, or `undefined` for entries that only point at URLs (`addEntry`, or written by atdata). */
  readonly shards?: readonly ShardDescription[] | undefined
  /**
   * What the data is, wherever it lies: the CID of a block that commits to the schema and to every shard in order
   * (`docs/formats/content.md`). The same samples, schema and options have the same one. `undefined` where `shards` is.
   */
  readonly contentCid?: string | undefined
  /** Of all shards together; `undefined` where `shards` is. */
  readonly sampleCount?: number | undefined
  readonly sizeBytes?: number | undefined
  readonly createdAtMs?: number | undefined
  /** The revision of `name` that points here, if it was found by name. */
  readonly revision?: number | undefined
  /** The first data URL. @deprecated kept for readers of the first atdata entries; use `dataUrls` */
  readonly wdsUrl: string
  /** The schema ref. @deprecated kept for readers of the first atdata entries; use `schemaRef` */
  readonly sampleKind: string
}

/** One step in the life of a name. */
export interface NameRevision {
  readonly name: string
  /** 1 for the first commit of the name, then without gaps. */
  readonly revision: number
  readonly operation: 'commit' | 'delete' | 'rename'
  /** Where the name points after this step; `undefined` if it ended it. */
  readonly cid?: string | undefined
  /** Never earlier than the revision before. */
  readonly atMs: number
  /** The other name of a rename: it ends one name and moves the other. The past stays with the old name. */
  readonly renamedFrom?: string | undefined
  readonly renamedTo?: string | undefined
  /** The `contentCid` that the entry had at that time. */
  readonly contentCid?: string | undefined
  /** The CID of the record of this step (`docs/formats/history.md`): it covers all of the above and `previousCid`, so the whole past of the name. */
  readonly recordCid: string
  /** The record of the step before; `undefined` for the first. */
  readonly previousCid?: string | undefined
}

/** A version mark on an entry. */
export interface Label {
  readonly name: string
  /** Empty for the unversioned label. */
  readonly version: string
  readonly cid: string
  readonly description?: string | undefined
}
