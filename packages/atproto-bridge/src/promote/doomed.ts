import { entryKey, labelKey, schemaKey } from '../record-keys.ts'
import type { DatasetEntryRecord } from '../records.ts'
import { faultOfRecord } from '../validate-record.ts'
import type { Found, Survey } from './survey.ts'

/** Records to be deleted, labels first, and the entries among them. */
export interface Doomed {
  readonly records: readonly Found<unknown>[]
  readonly entries: readonly Found<DatasetEntryRecord>[]
}

/**
 * Which records of an account are those that promoting a name has written: whose keys are the ones that follow from them.
 * @param version only its label, and its entry unless another label points to it
 * @param gone entries of this name that were deleted before: their schemas may go too
 */
export function doomedOf(
  { schemas, entries, labels, lenses }: Survey,
  { name, version }: { readonly name: string; readonly version?: string | undefined },
  gone: readonly Found<DatasetEntryRecord>[],
): Doomed {
  const goingLabels = labels.filter(
    (label) =>
      label.record.name === name && (version === undefined || label.record.version === version) && isOurs(label, labelKey),
  )
  const pointed = new Set(goingLabels.map(({ record }) => record.datasetUri))
  const kept = new Set(labels.filter((label) => !goingLabels.includes(label)).map(({ record }) => record.datasetUri))
  const goingEntries = entries.filter(
    (entry) =>
      entry.record.name === name &&
      (version === undefined || pointed.has(entry.uri)) &&
      !kept.has(entry.uri) &&
      isOurs(entry, entryKey),
  )
  // Whatever it is and whoever wrote it: what it names is needed.
  const needed = new Set([
    ...entries
      .filter((entry) => !goingEntries.includes(entry))
      .flatMap(({ record }) => [record.schemaRef, record.metadataSchemaRef]),
    ...lenses.flatMap(({ record }) => [record.sourceSchema, record.targetSchema]),
  ])
  const used = new Set([...goingEntries, ...gone].map(({ record }) => record.schemaRef))
  const goingSchemas = schemas.filter((schema) => used.has(schema.uri) && !needed.has(schema.uri) && isOurs(schema, schemaKey))
  return { records: [...goingLabels, ...goingEntries, ...goingSchemas], entries: goingEntries }
}

function isOurs<Record extends { readonly $type: string }>(
  { collection, rkey, record }: Found<Record>,
  keyOf: (record: Record) => string,
): boolean {
  const candidate = record as Record
  return candidate.$type === collection && faultOfRecord(candidate) === undefined && keyOf(candidate) === rkey
}
