/**
 * Datasets and their schemas on the AT Protocol: prepare, check, publish, read. Floor 4 of the house.
 *
 * @module
 */

// Records and their lexicons
export { lexicons } from './lexicons.ts'
export { NSID, OLD_NSID, STORAGE } from './nsid.ts'
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
export { faultOfRecord, parseRecord } from './validate-record.ts'
