import { createCipheriv } from 'node:crypto'
import { Dataset } from '@shardex/repo'
import { bytes, defineSample, type Infer, int } from '@shardex/schema'

export const Sample = defineSample('faults.Sample', { id: int(), blob: bytes() })
export type Sample = Infer<typeof Sample>

/** What a dataset is made of: the same recipe gives the same samples in every process. */
export interface Recipe {
  readonly count: number
  /** Samples that are a multiple of it differ from those of another edition. */
  readonly edition: number
  /** This one is too large for one request to S3. */
  readonly largeAt?: number | undefined
}

export function* samplesOf(recipe: Recipe): Generator<Sample> {
  for (let id = 0; id < recipe.count; id++) yield sampleOf(recipe, id)
}

export function datasetOf(recipe: Recipe): Dataset<Sample> {
  return Dataset.from(Sample, samplesOf(recipe))
}

const SMALL_BYTES = 3_000
/** More than one part. */
const LARGE_BYTES = 9 * 2 ** 20

function sampleOf({ edition, largeAt }: Recipe, id: number): Sample {
  const key = Buffer.alloc(16)
  key.writeUInt32LE(id)
  key.writeUInt32LE(id % 9 === 4 ? edition : 0, 4)
  const sizeBytes = id === largeAt ? LARGE_BYTES : SMALL_BYTES + 17 * (id % 13)
  return { id, blob: createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(sizeBytes)) }
}
