import { isShardexError } from '@shardex/errors'
import { batches } from './batches.ts'
import { marksOf, tell } from './marks.ts'
import { baseOfUrl } from './own-object.ts'
import type { Run } from './run.ts'
import type { SurveyedObject } from './survey.ts'

const PARALLEL = 8
/** So long after a claim something is still deleted by it. */
const PATIENCE_MS = 600_000

/** Delete what is due and still needed by nobody. What cannot be deleted stays claimed, and the next run tries again. */
export async function deleteDoomed(run: Run): Promise<void> {
  const { index, survey, signal } = run
  let done = 0
  for await (const batch of batches(survey.doomed())) {
    if (run.dryRun) {
      for (const object of batch) tell(run, object, 'deleted')
      continue
    }
    const patience = patienceOf(PATIENCE_MS)
    // What was noted, or marked anew, since this run has read its mark is not claimed.
    const claims = new Map((await index.garbage.claim(marksOf(batch), { signal })).map((claim) => [claim.url, claim]))
    const claimed = batch.filter(({ url }) => claims.has(url))
    const deleted = new Set<SurveyedObject>()
    await forEachOf(claimed, async (object) => {
      if (await deleteObject(object, patience, run)) deleted.add(object)
    })
    const gone = claimed.filter((object) => deleted.has(object))
    // A number is never used again below the same base; a digest may be.
    const numbered = gone.filter(({ url }) => baseOfUrl(url)?.layout === 'sequence')
    const over = numbered.flatMap(({ url }) => claims.get(url) ?? [])
    await index.garbage.unmark(over, { signal })
    for (const object of gone) tell(run, object, 'deleted')
    done += gone.length
    run.progress('deleting', done)
  }
}

async function deleteObject({ url }: SurveyedObject, patience: () => boolean, run: Run): Promise<boolean> {
  run.signal?.throwIfAborted()
  if (!patience()) return false
  try {
    const { store, key } = await run.storage.locate(url)
    await store.delete(key, { signal: run.signal })
    return true
  } catch (error) {
    run.signal?.throwIfAborted()
    if (!isShardexError(error)) throw error
    run.tally.fail(url, error)
    return false
  }
}

/** When a machine sleeps, one of the two clocks may stop. */
function patienceOf(ms: number): () => boolean {
  const [wallMs, steadyMs] = [Date.now(), performance.now()]
  return () => Date.now() - wallMs < ms && performance.now() - steadyMs < ms
}

/** A few at a time. Ends when all have ended, also if one fails. */
async function forEachOf<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values()
  const worker = async (): Promise<void> => {
    for (const item of queue) await work(item)
  }
  const ended = await Promise.allSettled(Array.from({ length: PARALLEL }, worker))
  for (const result of ended) if (result.status === 'rejected') throw result.reason
}
