import type { ShardexError } from '@shardex/errors'

/**
 * What becomes of an object that a run has looked at and that is, or was, garbage. In a dry run: what would become of it.
 * - `marked`: nothing needs it since this run
 * - `waiting`: an earlier run has marked it, and the grace time is not over
 * - `deleted`: still nothing needs it, and the grace time is over
 * - `rescued`: it was marked, and something needs it again
 */
export type GarbageFate = 'marked' | 'waiting' | 'deleted' | 'rescued'

export interface GarbageObject {
  readonly url: string
  readonly sizeBytes: number
  readonly fate: GarbageFate
  /** When it was marked, by the registry's clock; not of what is marked by this run. */
  readonly markedAtMs?: number | undefined
  /** `waiting`: from when on a run deletes it. */
  readonly dueAtMs?: number | undefined
  /** The insert that wrote it, and the name that its dataset was to get. Objects under their digest belong to nobody in particular. */
  readonly ingestId?: string | undefined
  readonly name?: string | undefined
}

export interface GarbageTotal {
  readonly objects: number
  readonly bytes: number
}

/** Something that a run could not do. It did all the rest. */
export interface GarbageProblem {
  /** The object, or the base below which nothing could be listed. */
  readonly url: string
  readonly error: ShardexError
}

export interface GarbageReport extends Readonly<Record<GarbageFate, GarbageTotal>> {
  /** Nothing was written anywhere: the figures say what would have been done. */
  readonly dryRun: boolean
  /** The earliest time at which something that is waiting may be deleted. */
  readonly nextDueAtMs?: number | undefined
  /** Objects that were looked at. */
  readonly seen: GarbageTotal
  /** Inserts that were interrupted and that nobody can continue any more. */
  readonly givenUp: number
  /** Journals of inserts of which nothing is left. */
  readonly forgotten: number
  /** Temporary files and unfinished uploads that were removed. A dry run does not count them. */
  readonly swept: number
  /** The first 100. */
  readonly problems: readonly GarbageProblem[]
  readonly problemCount: number
}

const MAX_PROBLEMS = 100

/** Counts what a run does, and tells it. */
export class Tally {
  readonly #totals = {
    seen: { objects: 0, bytes: 0 },
    marked: { objects: 0, bytes: 0 },
    waiting: { objects: 0, bytes: 0 },
    deleted: { objects: 0, bytes: 0 },
    rescued: { objects: 0, bytes: 0 },
  }
  readonly #problems: GarbageProblem[] = []
  readonly #onObject: ((object: GarbageObject) => void) | undefined
  #problemCount = 0
  #nextDueAtMs: number | undefined
  givenUp = 0
  forgotten = 0
  swept = 0

  constructor(onObject: ((object: GarbageObject) => void) | undefined) {
    this.#onObject = onObject
  }

  see(sizeBytes: number): void {
    this.#totals.seen.objects++
    this.#totals.seen.bytes += sizeBytes
  }

  add(object: GarbageObject): void {
    const total = this.#totals[object.fate]
    total.objects++
    total.bytes += object.sizeBytes
    if (object.dueAtMs !== undefined) this.#nextDueAtMs = Math.min(object.dueAtMs, this.#nextDueAtMs ?? object.dueAtMs)
    this.#onObject?.(object)
  }

  fail(url: string, error: ShardexError): void {
    this.#problemCount++
    if (this.#problems.length < MAX_PROBLEMS) this.#problems.push({ url, error })
  }

  report(dryRun: boolean): GarbageReport {
    return {
      dryRun,
      ...this.#totals,
      nextDueAtMs: this.#nextDueAtMs,
      givenUp: this.givenUp,
      forgotten: this.forgotten,
      swept: this.swept,
      problems: this.#problems,
      problemCount: this.#problemCount,
    }
  }
}
