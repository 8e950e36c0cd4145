import type { Run, Runs } from '../order/runs.ts'
import type { RawSample } from './raw-sample.ts'

export interface FetchedRun {
  /** In the order of the run; `undefined` for those that were damaged and passed over. */
  readonly samples: readonly (RawSample | undefined)[]
  /** The samples are done with, and what holds them may be written over. */
  readonly release?: (() => void) | undefined
}

export type FetchRun = (run: Run) => Promise<FetchedRun>

/** Samples, and the step of the stretch that took each of them. */
export interface StepBlock {
  readonly raws: readonly RawSample[]
  readonly steps: readonly number[]
}

export interface ReadRunsOptions {
  /** Steps of the stretch. */
  readonly steps: number
  /** Runs that are fetched before they are needed. Fewer at the beginning, where they would only keep the first sample away. */
  readonly ahead: number
  /** Samples in a block at most. */
  readonly blockSize: number
}

/** With each run that was needed, so many more are fetched ahead. */
const AHEAD_GROWTH = 4

/** A run on its way. */
interface Coming {
  readonly run: Run
  readonly arrival: Promise<void>
  fetched: FetchedRun | undefined
}

/** The samples of a stretch, step by step. Those that are there already come in one block; it is done with when the next is asked for. */
export async function* readRuns(
  { period, runs }: Runs,
  fetch: FetchRun,
  { steps, ahead, blockSize }: ReadRunsOptions,
): AsyncGenerator<StepBlock> {
  const schedule = runs[Symbol.iterator]()
  const coming: Coming[] = []
  const current: Coming[] = []
  let needed = 0
  const order = (): void => {
    while (coming.length <= Math.min(ahead, AHEAD_GROWTH * needed)) {
      const next = schedule.next()
      if (next.done === true) return
      coming.push(fetching(next.value, fetch))
    }
  }
  let block: { raws: RawSample[]; steps: number[] } = { raws: [], steps: [] }
  /** Runs of which all samples were given, or are in the block. */
  let spent: Coming[] = []
  const give = function* (): Generator<StepBlock> {
    if (block.raws.length > 0) yield block
    block = { raws: [], steps: [] }
    for (const { fetched } of spent) fetched?.release?.()
    spent = []
  }
  for (let step = 0; step < steps; step++) {
    const stream = step % period
    let from = current[stream]
    if (from === undefined || step >= from.run.step + from.run.samples.length * period) {
      if (from !== undefined) spent.push(from)
      order()
      needed += 1
      from = coming.shift()!
      if (from.fetched === undefined) yield* give()
      await from.arrival
      current[stream] = from
    }
    const raw = from.fetched!.samples[(step - from.run.step) / period]
    if (raw === undefined) continue
    block.raws.push(raw)
    block.steps.push(step)
    if (block.raws.length === blockSize) yield* give()
  }
  yield* give()
}

function fetching(run: Run, fetch: FetchRun): Coming {
  const arrival = fetch(run).then((fetched) => {
    coming.fetched = fetched
  })
  arrival.catch(() => {}) // it is told when the turn of the run comes
  const coming: Coming = { run, arrival, fetched: undefined }
  return coming
}
