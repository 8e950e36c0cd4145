/**
 * The table of codes. A code is API: it may be added, never renamed. Each code names the facts that come with it;
 * adding a code without an HTTP status and an exit code in {@link FATES} does not compile.
 */
export interface Details {
  // What a person or a program asked for in the wrong way.
  'usage.invalid': { argument: string; found: string; wanted: string }
  'config.invalid': { setting: string; found: string; wanted: string }
  'credentials.missing': { source: string; missing: readonly string[] }
  'credentials.refused': { url: string }

  // Names, keys, references, URLs.
  'name.invalid': { name: string; found: string; wanted: string }
  'key.invalid': { key: string; found: string; wanted: string }
  'url.invalid': { url: string; found: string; wanted: string }
  'ref.invalid': { ref: string; found: string; wanted: string }
  'path.outside_root': { path: string; root: string }

  // The registry.
  'name.not_found': { name: string }
  'entry.not_found': { cid: string }
  'entry.in_use': { cid: string; names: readonly string[] }
  'label.exists': { name: string; version: string; cid: string }
  'label.not_found': { name: string; version: string }
  'write.conflict': { name: string; expectedRevision: number; actualRevision: number }
  'index.unavailable': { url: string }
  'ingest.busy': { ingestId: string; leaseLeftMs: number }
  'ingest.lost': { ingestId: string }
  'ingest.conflict': { ingestId: string; found: string; wanted: string }
  'ingest.diverged': { ingestId: string; shard: string; found: string; wanted: string }
  'index.corrupt': { where: string; found: string; wanted: string } & Aftermath

  // Schemas and samples.
  'schema.invalid': { schema: string; found: string; wanted: string }
  'schema.not_found': { ref: string }
  'schema.conflict': { ref: string; found: string; wanted: string }
  'lens.invalid': { lens: string; found: string; wanted: string }
  'lens.not_found': { lens: string }
  'lens.conflict': { ref: string; found: string; wanted: string }
  'sample.invalid': { sample: string; field: string; found: string; wanted: string }
  'msgpack.invalid': { offset: number; found: string; wanted: string }
  'array.invalid': { found: string; wanted: string }
  'batch.ragged': { field: string; found: string; wanted: string }

  // Datasets and shards.
  'dataset.empty': { dataset: string }
  'dataset.range': { dataset: string; index: number; length: number }
  'dataset.unindexed': { shard: string }
  'manifest.not_found': { shard: string; manifest: string }
  'key.duplicate': { shard: string; key: string }
  'key.not_found': { dataset: string; key: string }
  'shard.not_found': { shard: string } & Aftermath
  'shard.truncated': { shard: string; found: number; wanted: number } & Aftermath
  'shard.corrupt': { shard: string; offset: number; sample: string; found: string; wanted: string } & Aftermath
  'source.invalid': { source: string; found: string; wanted: string }
  'state.invalid': { member: string; found: string; wanted: string }

  // Object stores.
  'storage.not_found': { url: string } & Aftermath
  'storage.exists': { url: string }
  'storage.bucket_missing': { bucket: string; endpoint: string }
  'storage.denied': { url: string }
  'storage.read_only': { url: string }
  'storage.unsupported': { url: string; operation: string }
  'storage.full': { url: string }
  'storage.corrupt': { url: string; found: string; wanted: string } & Aftermath
  'storage.unavailable': { url: string }

  // The AT Protocol.
  'record.invalid': { record: string; found: string; wanted: string }
  'record.conflict': { record: string; found: string; wanted: string }
  'account.not_found': { account: string }
  'session.missing': { account: string }
  'session.expired': { account: string }
  'promotion.refused': { name: string; problems: readonly { path: string; found: string; wanted: string; advice: string }[] }
  'atmosphere.refused': { url: string; found: string }
  'atmosphere.unavailable': { url: string }
}

/** What damage came to, where that is known. */
interface Aftermath {
  /** Samples that it takes away, with the first and the last of their keys. */
  lost?: { samples: number; firstKey: string; lastKey: string } | undefined
  /** Mirrors that were asked in vain, and what each said. */
  mirrors?: readonly { url: string; found: string }[] | undefined
}

export type ErrorCode = keyof Details

/** What an error becomes at the edges: an HTTP status for a server, an exit code for a command line. */
export interface Fate {
  readonly status: number
  readonly exit: number
}

const misuse: Fate = { status: 400, exit: 2 }
const absent: Fate = { status: 404, exit: 3 }
const conflict: Fate = { status: 409, exit: 4 }
const damaged: Fate = { status: 422, exit: 5 }
const refused: Fate = { status: 403, exit: 6 }
const away: Fate = { status: 503, exit: 7 }

export const FATES: Readonly<Record<ErrorCode, Fate>> = {
  'usage.invalid': misuse,
  'config.invalid': misuse,
  'credentials.missing': misuse,
  'credentials.refused': refused,
  'name.invalid': misuse,
  'key.invalid': misuse,
  'url.invalid': misuse,
  'ref.invalid': misuse,
  'path.outside_root': misuse,
  'name.not_found': absent,
  'entry.not_found': absent,
  'entry.in_use': conflict,
  'label.exists': conflict,
  'label.not_found': absent,
  'write.conflict': conflict,
  'index.unavailable': away,
  'index.corrupt': damaged,
  'ingest.busy': conflict,
  'ingest.lost': conflict,
  'ingest.conflict': conflict,
  'ingest.diverged': damaged,
  'schema.invalid': misuse,
  'schema.not_found': absent,
  'schema.conflict': conflict,
  'lens.invalid': misuse,
  'lens.not_found': absent,
  'lens.conflict': conflict,
  'sample.invalid': damaged,
  'msgpack.invalid': damaged,
  'array.invalid': damaged,
  'batch.ragged': damaged,
  'dataset.empty': misuse,
  'dataset.range': misuse,
  'dataset.unindexed': misuse,
  'manifest.not_found': absent,
  'key.duplicate': damaged,
  'key.not_found': absent,
  'shard.not_found': absent,
  'shard.truncated': damaged,
  'shard.corrupt': damaged,
  'source.invalid': damaged,
  'state.invalid': misuse,
  'storage.not_found': absent,
  'storage.exists': conflict,
  'storage.bucket_missing': absent,
  'storage.denied': refused,
  'storage.read_only': misuse,
  'storage.unsupported': misuse,
  'storage.full': { status: 507, exit: 8 },
  'storage.corrupt': damaged,
  'storage.unavailable': away,
  'record.invalid': damaged,
  'record.conflict': conflict,
  'account.not_found': absent,
  'session.missing': refused,
  'session.expired': refused,
  'promotion.refused': misuse,
  'atmosphere.refused': refused,
  'atmosphere.unavailable': away,
}
