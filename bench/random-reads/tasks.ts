import { join } from 'node:path'
import { LocalIndex } from '@shardex/index'
import { Dataset, LocalDiskStore, Repo, S3DataStore } from '@shardex/repo'
import type { Task } from '../measure/measure.ts'
import { SHAPES, type ShapeName } from '../samples/shapes.ts'
import type { Place } from '../samples/tasks.ts'

export interface RandomArgs extends Place {
  readonly shape: ShapeName
  readonly count: number
  readonly reads: number
  /** Where a web server has the shards, instead of the place. */
  readonly urls?: readonly string[] | undefined
  /** Tells how many requests have come so far, if anybody counts them. */
  readonly counter?: string | undefined
}

/** Single samples at random positions, one after another; the offset indexes are there already. */
export const random: Task<RandomArgs> = async ({ shape, count, reads, counter, ...place }) => {
  const dataset = await open(shape, place)
  const draw = () => Math.floor(Math.random() * count)
  for (let i = 0; i < count; i += Math.ceil(count / 100)) await dataset.at(i)
  return async () => {
    const before = await counted(counter)
    const tookMs: number[] = []
    for (let i = 0; i < reads; i++) {
      const startedMs = performance.now()
      await dataset.at(draw())
      tookMs.push(performance.now() - startedMs)
    }
    tookMs.sort((a, b) => a - b)
    const at = (share: number) => 1000 * tookMs[Math.floor(share * (reads - 1))]!
    return { p50: at(0.5), p99: at(0.99), requests: (await counted(counter)) - before }
  }
}

async function open(shape: ShapeName, { dir, s3, urls }: Pick<RandomArgs, 'dir' | 's3' | 'urls'>): Promise<Dataset<object>> {
  const { type } = SHAPES[shape]
  if (urls !== undefined) return Dataset.from(type, urls)
  const index = new LocalIndex({ path: join(dir, 'index.db') })
  const store = s3 ? new S3DataStore(s3) : new LocalDiskStore({ root: join(dir, 'shards') })
  return await new Repo({ index, store }).open(shape, { type })
}

async function counted(counter: string | undefined): Promise<number> {
  return counter === undefined ? Number.NaN : Number(await (await fetch(counter)).text())
}
