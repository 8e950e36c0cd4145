/**
 * Datasets and their schemas on the AT Protocol: prepare, check, publish, read. Floor 4 of the house. Start with {@link promote} and {@link AtmosphereIndex}.
 *
 * ```ts
 * const { agent } = await new Sessions().open('alice.example.com')
 * const { uri } = await promote(entry, index, agent, { license: 'CC-BY-4.0' })
 *
 * await using atmosphere = new AtmosphereIndex()
 * for await (const sample of await atmosphere.open(uri)) console.log(sample.__key__)
 * ```
 * @module
 */

// Reading what others have published
export { AtmosphereIndex, type AtmosphereOptions, type CallOptions, type OpenOptions } from './atmosphere/atmosphere-index.ts'
export type { Listed, PageOptions } from './atmosphere/list.ts'
export type { AtmosphereEntry } from './atmosphere/read-entry.ts'
export type { AtmosphereSchema } from './atmosphere/read-schema.ts'
export type { RemoteShard, RemoteShards } from './atmosphere/read-shards.ts'
// Accounts
export type { Reach } from './identity/guarded-fetch.ts'
export type { Account, Identity, IdentityOptions } from './identity/resolve-account.ts'
// Records and their lexicons
export { lexicons } from './lexicons.ts'
export { NSID, OLD_NSID, STORAGE } from './nsid.ts'
// Publishing
export type { PlacedShard, StorageKind } from './prepare/place-shards.ts'
export { type Draft, type Prepared, prepare } from './prepare/prepare.ts'
export type { PrepareOptions, S3Place } from './prepare/prepare-options.ts'
export type { Problem, ProblemCode } from './prepare/problem.ts'
export type { Fate } from './promote/commit-records.ts'
export { type Promoted, type PromoteOptions, type PromoteProgress, promote } from './promote/promote.ts'
export type { Publisher } from './promote/publisher.ts'
export { type Unpromoted, type UnpromoteOptions, unpromote } from './promote/unpromote.ts'
export { recordToJson } from './record-json.ts'
export type {
  CodeReference,
  DatasetEntryRecord,
  DatasetLabelRecord,
  DatasetLensRecord,
  DatasetRecord,
  DatasetSchemaRecord,
  EntryMark,
  EntryMetadataFields,
  JsonSchemaBody,
  JsonSchemaProperty,
  OldDatasetRecord,
  OldEntryRecord,
  OldSchemaRecord,
  OldStorage,
  SchemaMark,
  ShardChecksum,
  StorageBlobs,
  StorageHttp,
  StorageS3,
} from './records.ts'
// Acting for an account
export type { BrowserLogin } from './session/browser-login.ts'
export { configFolder } from './session/config-folder.ts'
export { type LoginOptions, type Session, type SessionInfo, Sessions, type SessionsOptions } from './session/sessions.ts'
export { faultOfRecord, parseRecord } from './validate-record.ts'
