import { readFileSync } from 'node:fs'

interface Published {
  readonly collection: string
  readonly record: Readonly<Record<string, unknown>>
}

/** Records as atdata publishes them, taken from its own calls. */
export interface AtdataRecords {
  readonly createRecord_calls: readonly Published[]
  readonly legacy_shapes: readonly Published[]
  readonly dataset_metadata: readonly { readonly record: object; readonly to_dict: object }[]
}

export const atdataRecords: AtdataRecords = JSON.parse(
  readFileSync(new URL('vectors/atdata-records.json', import.meta.url), 'utf8'),
)
