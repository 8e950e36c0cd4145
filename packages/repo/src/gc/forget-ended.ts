import type { Run } from './run.ts'

/** Forget inserts that ended long ago and of which nothing is left. Until then something may still arrive from a writer that was given up. */
export async function forgetEnded({ index, survey, tally, journalMs, dryRun, signal }: Run): Promise<void> {
  const endedBeforeMs = Date.now() - journalMs
  for (const { id, endedAtMs } of survey.forgettable()) {
    if (endedAtMs > endedBeforeMs) continue
    if (dryRun || (await index.ingests.forget(id, { signal }))) tally.forgotten++
  }
}
