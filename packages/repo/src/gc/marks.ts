import { ShardexError } from '@shardex/errors'
import type { GarbageMark, LocalIndex } from '@shardex/index'
import { batches } from './batches.ts'
import { baseOfUrl } from './own-object.ts'
import type { GarbageFate } from './report.ts'
import type { Run } from './run.ts'
import type { SurveyedMark, SurveyedObject } from './survey.ts'

/** By no means does a collector exist that will still delete by a claim of so long ago. See `PATIENCE_MS`. */
const CLAIM_OUTLIVED_MS = 86_400_000

/** Ages are by the registry's clock. What is marked while this reads is due to nobody. */
export async function readMarks({ index, graceMs, survey, signal }: Run): Promise<void> {
  for await (const mark of index.garbage.list(graceMs, { signal })) survey.addMark(mark, { due: true })
  for await (const mark of index.garbage.list(0, { signal })) survey.addMark(mark, { due: false })
  for await (const { url, state } of index.garbage.list(CLAIM_OUTLIVED_MS, { signal }))
    if (state === 'deleting') survey.outlive(url)
}

/** Take back the marks of what is needed again. */
export async function rescueNeeded(run: Run): Promise<void> {
  const isStuck = ({ mark }: SurveyedObject): boolean => mark?.state === 'deleting' && !mark.outlived
  for await (const batch of batches(run.survey.rescued())) {
    for (const { url } of batch.filter(isStuck)) run.tally.fail(url, neededTooLate(url))
    const saved = batch.filter((object) => !isStuck(object))
    if (!run.dryRun) await run.index.garbage.unmark(marksOf(saved), { signal: run.signal })
    for (const object of saved) tell(run, object, 'rescued')
  }
}

/** Mark what nothing needs, for a later run. */
export async function markUnneeded(run: Run): Promise<void> {
  let done = 0
  for await (const batch of batches(run.survey.unmarked())) {
    const urls = batch.map(({ url }) => url)
    if (!run.dryRun) await run.index.garbage.mark(urls, { signal: run.signal })
    for (const object of batch) tell(run, object, 'marked')
    done += batch.length
    run.progress('marking', done)
  }
  for (const object of run.survey.waiting()) tell(run, object, 'waiting')
}

/**
 * Take away the marks of what is not there. The claim on a shared object outlives it, so that a collector that wakes up late finds nothing
 * under its name, and a writer who saw it before it was deleted hears of that.
 */
export async function dropAbsent({ index, survey, oldestOpenMs, dryRun, signal }: Run): Promise<void> {
  if (dryRun) return
  const isOver = ({ url, state, markedAtMs, outlived }: SurveyedMark): boolean =>
    state === 'marked' || baseOfUrl(url)?.layout !== 'content' || (outlived && markedAtMs < oldestOpenMs)
  for await (const batch of batches(survey.absent())) await index.garbage.unmark(batch.filter(isOver), { signal })
}

/**
 * Take back every mark, but for those of objects that a collector is deleting. What is still garbage is marked again by the next run, and gets
 * its full grace time.
 * @returns how many
 */
export async function undoGarbage(
  index: LocalIndex,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<number> {
  let taken = 0
  for await (const batch of batches(index.garbage.list(0, { signal }))) {
    const marked = batch.filter(({ state }) => state === 'marked')
    taken += await index.garbage.unmark(marked, { signal })
  }
  return taken
}

export function marksOf(objects: readonly SurveyedObject[]): GarbageMark[] {
  return objects.flatMap(({ mark }) => mark ?? [])
}

/** Into the report. */
export function tell({ tally, graceMs }: Run, { mark, ...object }: SurveyedObject, fate: GarbageFate): void {
  const markedAtMs = mark?.markedAtMs
  const dueAtMs = fate === 'waiting' && markedAtMs !== undefined ? markedAtMs + graceMs : undefined
  tally.add({ ...object, fate, ...(markedAtMs !== undefined && { markedAtMs }), ...(dueAtMs !== undefined && { dueAtMs }) })
}

function neededTooLate(url: string): ShardexError {
  const [found, wanted] = ['a need for it', 'none, since a collector has decided to delete it']
  const message = `something needs ${url}, which an earlier run had decided to delete. It is still there and was left alone; \`shardex verify\` tells whether all of its dataset is.`
  return new ShardexError('index.corrupt', { where: url, found, wanted }, { message })
}
