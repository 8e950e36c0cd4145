import type { SampleType } from '@shardex/schema'
import type { Format } from './detect-format.ts'

/** One record of a source, ready to be packed: one value per field of the source's type, and its key if the source gives it one. */
export type SourceSample = Record<string, unknown> & { readonly __key__?: string | undefined }

/** Somebody's files, seen as a stream of typed samples. */
export interface SampleSource extends AsyncDisposable {
  readonly type: SampleType
  /** In the same order on every machine. Each iteration reads the files again; one sample is in memory at a time. */
  readonly samples: AsyncIterable<SourceSample>
  readonly sampleCount?: number | undefined
  /** For a person: `3,786 images in 64/ with labels from emoji.json`. */
  readonly describe: string
  /** What a person should know before trusting the result: what was skipped, renamed or turned into text. */
  readonly notices: readonly string[]
}

export interface SourceOptions {
  /** Default: seen from the name, then from the first bytes. */
  readonly format?: Format | undefined
  /** A JSON, JSONL, CSV, TSV or Parquet file with one row per file of a folder. Default: looked for in and beside the folder. */
  readonly labels?: string | undefined
  /** Keep the files of a folder that have no row in the labels file, their labels missing. Default: skipped, with a notice. */
  readonly keepUnlabelled?: boolean | undefined
  /** Default: made from the name of the path. */
  readonly schemaName?: string | undefined
  /** At most this many samples; types are then inferred from these alone. */
  readonly limit?: number | undefined
  readonly signal?: AbortSignal | undefined
  /** Called while the source is read once through to learn its types. */
  readonly onProgress?: ((doneBytes: number, totalBytes: number) => void) | undefined
}
