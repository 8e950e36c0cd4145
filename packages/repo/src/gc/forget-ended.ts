import type { Run } from './run.ts'

/** Forget inserts that ended long ago and of which nothing is left. Until then something may still arrive from a writer that was given up. */
export async function forgetEnded({ index, survey, tally, journalMs, uploadMs, dryRun, signal }: Run): Promise<void> {
  // What it has begun to upload is found through its journal, too.
  const endedBeforeMs = Date.now() - Math.max(journalMs, uploadMs)
  for (const { id, endedAtMs } of survey.forgettable()) {
    if (endedAtMs > endedBeforeMs) continue
    if (dryRun || (await index.ingests.forget(id, { signal }))) tally.forgotten++
  }
}
