import { LocalIndex } from '@shardex/index'
import { LocalDiskStore, Repo } from '@shardex/repo'
import type { Task } from '../measure/measure.ts'
import { SHAPES, type ShapeName } from '../samples/shapes.ts'

export interface FirstArgs {
  readonly shape: ShapeName
  readonly dir: string
  readonly shuffled: boolean
}

/** Once, in a process that has done nothing yet but load the packages. */
export const fresh: Task<FirstArgs> = async (args) => async () => {
  await firstSample(args)
  return { sinceStartMs: performance.now() }
}

const TIMES = 100

/** Again and again, each time with everything opened anew. */
export const again: Task<FirstArgs> = async (args) => {
  for (let i = 0; i < 10; i++) await firstSample(args)
  return async () => {
    const tookMs: number[] = []
    for (let i = 0; i < TIMES; i++) {
      const startedMs = performance.now()
      await firstSample(args)
      tookMs.push(performance.now() - startedMs)
    }
    tookMs.sort((a, b) => a - b)
    return { medianMs: tookMs[TIMES / 2]!, longestMs: tookMs.at(-1)! }
  }
}

/** As a user gets it: the registry is opened, the dataset found by its name, and the first sample read and checked. */
async function firstSample({ shape, dir, shuffled }: FirstArgs): Promise<void> {
  const index = new LocalIndex({ path: `${dir}/index.db` })
  await using repo = new Repo({ index, store: new LocalDiskStore({ root: `${dir}/shards` }) })
  const dataset = await repo.open(shape, { type: SHAPES[shape].type })
  for await (const sample of shuffled ? dataset.shuffled({ seed: 1 }) : dataset.ordered()) {
    if (sample.__key__.length > 0) break
  }
  await index[Symbol.asyncDispose]()
}
