import { BatchColumns } from './batch-columns.ts'
import type { DatasetSource } from './dataset-source.ts'
import type { ReadingOptions } from './reading-options.ts'
import type { Stage } from './stages.ts'

/** How the memory of what is read may be used. */
export interface MemoryUse {
  /** What was read is done with when the next block is asked for. */
  readonly reuse: boolean
  /** What takes over the samples of batches as they come, anew for each reader, so that what they were read from is done with. */
  readonly columns: (() => BatchColumns) | undefined
}

/** Samples that pass through stages. */
interface Staged {
  readonly source: DatasetSource<object>
  readonly stages: readonly Stage[]
}

/** @param from where the samples of a batch come from: of all of these */
export function memoryUse({ reuse = false, batchSize }: ReadingOptions, from: readonly Staged[]): MemoryUse {
  if (!reuse || batchSize === undefined) return { reuse, columns: undefined }
  const fields = fieldsOf(from[0]!)
  if (fields === undefined || !from.every((each) => fieldsOf(each) !== undefined)) return { reuse: false, columns: undefined }
  return { reuse, columns: () => new BatchColumns(fields) }
}

/** What `map` gives may hold bytes where nobody knows. */
function fieldsOf({ source, stages }: Staged): readonly string[] | undefined {
  return stages.some((stage) => stage.isMap) ? undefined : source.ownFields
}
