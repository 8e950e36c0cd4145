import type { Run, Runs } from '../order/runs.ts'
import type { RawSample } from './raw-sample.ts'

/** Gets the samples of a run, in its order; `undefined` for those that were damaged and passed over. */
export type FetchRun = (run: Run) => Promise<readonly (RawSample | undefined)[]>

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
  samples: readonly (RawSample | undefined)[] | undefined
}

/** The samples of a stretch, step by step. Those that are there already come in one block. */
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
  let raws: RawSample[] = []
  let taken: number[] = []
  for (let step = 0; step < steps; step++) {
    const stream = step % period
    let from = current[stream]
    if (from === undefined || step >= from.run.step + from.run.samples.length * period) {
      order()
      needed += 1
      from = coming.shift()!
      if (from.samples === undefined && raws.length > 0) {
        yield { raws, steps: taken }
        raws = []
        taken = []
      }
      await from.arrival
      current[stream] = from
    }
    const raw = from.samples![(step - from.run.step) / period]
    if (raw === undefined) continue
    raws.push(raw)
    taken.push(step)
    if (raws.length < blockSize) continue
    yield { raws, steps: taken }
    raws = []
    taken = []
  }
  if (raws.length > 0) yield { raws, steps: taken }
}

function fetching(run: Run, fetch: FetchRun): Coming {
  const arrival = fetch(run).then((samples) => {
    coming.samples = samples
  })
  arrival.catch(() => {}) // it is told when the turn of the run comes
  const coming: Coming = { run, arrival, samples: undefined }
  return coming
}
