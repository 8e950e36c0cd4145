import type { LocalIndex } from '@shardex/index'
import type { Storage } from '@shardex/storage'
import { deleteDoomed } from './delete-doomed.ts'
import { forgetEnded } from './forget-ended.ts'
import { holdNeeded } from './hold-needed.ts'
import { listCandidates } from './list-candidates.ts'
import { dropAbsent, markUnneeded, readMarks, rescueNeeded } from './marks.ts'
import { type GarbageObject, type GarbageReport, Tally } from './report.ts'
import type { GarbageProgress, Run } from './run.ts'
import { Survey } from './survey.ts'

export interface GarbageOptions {
  readonly index: LocalIndex
  /** Must reach every store that inserts of this registry have written to; what it does not reach is reported and left alone. */
  readonly storage: Storage
  /** How long an object must have been marked before it is deleted. Default 24 hours. 0 is safe, but leaves no time to undo. */
  readonly graceMs?: number | undefined
  /** How long an interrupted insert that somebody may continue is kept. Default 7 days. */
  readonly resumableMs?: number | undefined
  /** How long the journal of an insert that has ended is kept, at least: a writer that was given up may still be storing. Default 7 days. */
  readonly journalMs?: number | undefined
  /**
   * How old an unfinished upload must be to be swept in a folder that inserts share, if nobody writes there now: somebody may begin to, and
   * the store tells ages by its own clock. Default 1 hour.
   */
  readonly uploadMs?: number | undefined
  /**
   * Write nothing anywhere, and report what would be done. In Redis it does not see what atdata wrote there since the last real run, which looks
   * for that first, and keeps what it needs. Default false.
   */
  readonly dryRun?: boolean | undefined
  readonly signal?: AbortSignal | undefined
  /** Called for each object that is garbage, or was and is needed again. */
  readonly onObject?: ((object: GarbageObject) => void) | undefined
  readonly onProgress?: ((progress: GarbageProgress) => void) | undefined
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/**
 * Mark what inserts have written and nothing needs: no entry, no open journal. Delete what an earlier run has marked, longer ago than the grace
 * time, and still nothing needs. Objects that no journal of this registry can have written are never looked at. Writers, readers and other
 * collectors may go on; a run that was stopped anywhere can be run again. Needs a temporary file of about 500 bytes an object.
 *
 * An error of the registry ends the run; what it has done until then stands. Those of a store are in the report.
 * @throws `index.unavailable`, `index.corrupt` for an entry that cannot be read, so that nobody knows what it needs
 */
export async function collectGarbage({
  index,
  storage,
  graceMs = DAY_MS,
  resumableMs = 7 * DAY_MS,
  journalMs = 7 * DAY_MS,
  uploadMs = HOUR_MS,
  dryRun = false,
  signal,
  onObject,
  onProgress,
}: GarbageOptions): Promise<GarbageReport> {
  assertDuration('graceMs', graceMs)
  assertDuration('resumableMs', resumableMs)
  assertDuration('journalMs', journalMs)
  assertDuration('uploadMs', uploadMs)
  await using survey = await Survey.open()
  const run: Run = {
    index,
    storage,
    graceMs,
    resumableMs,
    journalMs,
    uploadMs,
    dryRun,
    signal,
    survey,
    tally: new Tally(onObject),
    beganAtMs: Date.now(),
    oldestOpenMs: Number.POSITIVE_INFINITY,
    progress: (phase, done) => onProgress?.({ phase, done }),
  }
  await listCandidates(run)
  // Only what is marked before needs are looked for may be deleted after it.
  await readMarks(run)
  await holdNeeded(run)
  await rescueNeeded(run)
  await deleteDoomed(run)
  await markUnneeded(run)
  await dropAbsent(run)
  await forgetEnded(run)
  return run.tally.report(dryRun)
}

function assertDuration(name: string, ms: number): void {
  if (!Number.isSafeInteger(ms) || ms < 0) throw new TypeError(`${name} is a number of milliseconds, found ${ms}`)
}
