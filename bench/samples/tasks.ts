import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { LocalIndex } from '@shardex/index'
import { Dataset, LocalDiskStore, Repo, S3DataStore, type Verify } from '@shardex/repo'
import type { S3Credentials } from '@shardex/storage'
import type { Task } from '../measure/measure.ts'
import { SHAPES, type ShapeName } from './shapes.ts'

/** shardex: a whole insert and a whole read, as a user does them. Each warms up on a part of its work before it is measured. */

export interface Place {
  readonly dir: string
  /** Shards go to a bucket, and only the registry into `dir`. */
  readonly s3?: { readonly credentials: S3Credentials; readonly bucket: string } | undefined
}

export interface WriteArgs extends Place {
  readonly shape: ShapeName
  readonly count: number
  /** Such that it could be continued. */
  readonly ingestId?: string | undefined
}

export const write: Task<WriteArgs> = async ({ shape, count, dir, s3, ingestId }) => {
  const { type, samples } = SHAPES[shape]
  const warmUp = join(dir, 'warm-up')
  await openRepo({ dir: warmUp, s3 }).insert(Dataset.from(type, samples(Math.ceil(count / 20))), 'warm-up')
  await rm(warmUp, { recursive: true })
  const repo = openRepo({ dir, s3 })
  return async () => {
    await repo.insert(Dataset.from(type, samples(count)), shape, { ingestId })
  }
}

export interface ReadArgs extends WriteArgs {
  readonly shuffled?: boolean | undefined
  readonly verify?: Verify | undefined
  readonly batchSize?: number | undefined
  readonly reuse?: boolean | undefined
}

export const read: Task<ReadArgs> = async ({ shape, count, dir, s3, shuffled, verify, batchSize, reuse }) => {
  const dataset = await openRepo({ dir, s3 }).open(shape, { type: SHAPES[shape].type, verify })
  const readAll = async (from: typeof dataset) => {
    let seen = 0
    if (batchSize === undefined) {
      for await (const _ of shuffled ? from.shuffled({ seed: 1, reuse }) : from.ordered({ reuse })) seen += 1
    } else {
      for await (const batch of shuffled ? from.shuffled({ seed: 1, batchSize, reuse }) : from.ordered({ batchSize, reuse })) {
        Object.values(batch) // gathers every column
        seen += batch.length
      }
    }
    return seen
  }
  await readAll(dataset.take(Math.ceil(count / 20)))
  return async () => {
    const seen = await readAll(dataset)
    if (seen !== count) throw new Error(`read ${seen} samples of ${count}`)
  }
}

function openRepo({ dir, s3 }: Place): Repo {
  return new Repo({
    index: new LocalIndex({ path: join(dir, 'index.db') }),
    store: s3 ? new S3DataStore(s3) : new LocalDiskStore({ root: join(dir, 'shards') }),
  })
}
