/**
 * A process that inserts a dataset when it is told to, and tells the entry when it has it. Nothing in it knows of faults: whoever
 * started it kills it, stops it or takes its servers away.
 */
import { flushCompileCache } from 'node:module'
import { isShardexError } from '@shardex/errors'
import { Dataset, type InsertOptions } from '@shardex/repo'
import { type Recipe, Sample, samplesOf } from './dataset.ts'
import { openRepo, type RepoAddress } from './repo-address.ts'

/** What a writer is to do. */
export interface Job {
  readonly address: RepoAddress
  readonly name: string
  readonly recipe: Recipe
  readonly options: InsertOptions
  /** Say `paused` before this sample, and go on when told to. */
  readonly pauseAt?: number | undefined
}

export interface Acknowledged {
  readonly cid: string
  readonly contentCid: string | undefined
  readonly revision: number | undefined
}

/** What a writer says. */
export type Said =
  | 'ready'
  | 'paused'
  | { readonly entry: Acknowledged }
  | { readonly error: { readonly isOurs: boolean; readonly code?: string | undefined; readonly message: string } }

process.on('message', (message: Job | 'go on') => {
  if (message === 'go on') goOn.resolve()
  else void insert(message).then(say)
})
process.on('disconnect', () => process.exit())
// Whoever is killed cannot do that at the end.
flushCompileCache()
say('ready')

let goOn = Promise.withResolvers<void>()

async function insert({ address, name, recipe, options, pauseAt }: Job): Promise<Said> {
  try {
    await using repo = openRepo(address)
    const samples = pauseAt === undefined ? samplesOf(recipe) : pausing(samplesOf(recipe), pauseAt)
    const [{ cid, contentCid, revision }] = await repo.insert(Dataset.from(Sample, samples), name, options)
    return { entry: { cid, contentCid, revision } }
  } catch (error) {
    const code = isShardexError(error) ? error.code : undefined
    return { error: { isOurs: code !== undefined, code, message: error instanceof Error ? (error.stack ?? '') : String(error) } }
  }
}

async function* pausing(samples: Iterable<Sample>, at: number): AsyncGenerator<Sample> {
  let number = 0
  for (const sample of samples) {
    if (number++ === at) {
      goOn = Promise.withResolvers()
      say('paused')
      await goOn.promise
    }
    yield sample
  }
}

function say(what: Said): void {
  process.send?.(what)
}
