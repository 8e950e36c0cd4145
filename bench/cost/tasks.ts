import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { LocalIndex } from '@shardex/index'
import { Dataset, LocalDiskStore, Repo, S3DataStore } from '@shardex/repo'
import type { Hasher } from '../../packages/repo/src/hash/hasher.ts'
import { keyInSequence } from '../../packages/repo/src/stores/data-store.ts'
import { SequencePlacement } from '../../packages/repo/src/write/in-sequence.ts'
import { writeShardsTo } from '../../packages/repo/src/write/write-shards.ts'
import type { Task } from '../measure/measure.ts'
import { SHAPES, type Shape } from '../samples/shapes.ts'
import type { WriteArgs } from '../samples/tasks.ts'
import { NO_HASHER, shardHasher } from './hashers.ts'
import { writePlain } from './plain.ts'

/** An insert in five steps, from tars alone to all that an insert does. Each ends with the commit of an entry. */

export interface CostArgs extends WriteArgs {
  /** Left out: SQLite in `dir`. */
  readonly redis?: string | undefined
}

type Insert = (index: LocalIndex, store: LocalDiskStore | S3DataStore, shape: Shape, count: number, name: string) => Promise<void>

export const plain: Task<CostArgs> = task(async (index, store, { type, samples }, count, name) => {
  const urls = await writePlain(await store.objects(), name, type, samples(count))
  await index.commitEntry({ name, schemaRef: await index.publishSchema(type), dataUrls: urls })
})

export const indexed: Task<CostArgs> = task(writing(() => NO_HASHER))

export const sha256: Task<CostArgs> = task(writing(shardHasher))

export const proofs: Task<CostArgs> = task(writing(() => undefined))

export const journal: Task<CostArgs> = task(async (index, store, { type, samples }, count, name) => {
  await new Repo({ index, store }).insert(Dataset.from(type, samples(count)), name, { ingestId: randomUUID() })
})

/** Warms up on a part of the work. */
function task(insert: Insert): Task<CostArgs> {
  return async ({ shape, count, dir, s3, redis }) => {
    const store = s3 ? new S3DataStore(s3) : new LocalDiskStore({ root: join(dir, 'shards') })
    const index = new LocalIndex(redis === undefined ? { path: join(dir, 'index.db') } : { redis })
    await insert(index, store, SHAPES[shape], Math.ceil(count / 20), 'warm-up')
    if (!s3) await rm(join(dir, 'shards', 'warm-up'), { recursive: true, force: true })
    return async () => {
      await insert(index, store, SHAPES[shape], count, 'measured')
      await index[Symbol.asyncDispose]()
      return {}
    }
  }
}

function writing(hasher: () => Hasher | undefined): Insert {
  return async (index, store, { type, samples }, count, name) => {
    const placement = new SequencePlacement({ store: await store.objects(), keyOf: (shard) => keyInSequence(`${name}/`, shard) })
    const shards = await writeShardsTo(placement, type, samples(count), { hasher: hasher() })
    await index.commitEntry({ name, schemaRef: await index.publishSchema(type), dataUrls: shards.map(({ url }) => url) })
  }
}
