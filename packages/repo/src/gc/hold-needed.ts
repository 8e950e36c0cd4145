import { isShardexError } from '@shardex/errors'
import type { Entry } from '@shardex/index'
import { expandBraces } from '@shardex/storage'
import { insertsIn, nameOfUrl, namesIn } from './own-object.ts'
import type { Run } from './run.ts'
import type { Survey } from './survey.ts'

/** An entry may describe a hundred thousand shards, and a page is decoded at once. */
const ENTRIES_PER_PAGE = 2
/** A pattern of more is not expanded: it holds whatever it may mean. */
const MAX_EXPANSION = 100_000

/**
 * Hold what somebody needs: first what open journals have noted, then what entries point at; so a commit in between is seen at one of the
 * two. An object is held by its name alone, wherever it is mentioned: links, mirrors, other spellings and addresses of a store hold it too.
 */
export async function holdNeeded(run: Run): Promise<void> {
  const { index, survey, signal } = run
  if (survey.objectCount === 0) return
  if (!run.dryRun) await index.adopt({ signal })
  for await (const { id, state } of index.ingests.list({ signal })) {
    if (state !== 'open' || (run.dryRun && survey.isDead(id))) continue
    for await (const { urls } of index.ingests.shards(id, { signal })) for (const url of urls) survey.hold(nameOfUrl(url))
  }
  let entries = 0
  let cursor: string | undefined
  do {
    const page = await index.listEntries({ cursor, limit: ENTRIES_PER_PAGE, signal })
    for (const entry of page.entries) holdEntry(entry, survey)
    entries += page.entries.length
    run.progress('tracing', entries)
    cursor = page.cursor
  } while (cursor !== undefined)
}

function holdEntry({ dataUrls, shards = [] }: Entry, survey: Survey): void {
  for (const { url } of shards) holdText(url, survey)
  for (const pattern of dataUrls) {
    holdText(pattern, survey)
    if (!/[{\\]/.test(pattern)) continue
    const urls = expanded(pattern)
    if (urls === undefined) holdAnyOf(pattern, survey)
    else for (const url of urls) holdText(url, survey)
  }
}

function holdText(text: string, survey: Survey): void {
  for (const name of namesIn(text)) survey.hold(name)
}

function expanded(pattern: string): string[] | undefined {
  try {
    return expandBraces(pattern, { limit: MAX_EXPANSION })
  } catch (error) {
    if (isShardexError(error, 'url.invalid')) return undefined
    throw error
  }
}

/** Whatever the pattern may mean to somebody who can expand it. */
function holdAnyOf(pattern: string, survey: Survey): void {
  for (const insert of insertsIn(pattern)) survey.holdNamesFrom(insert)
  survey.holdUrlsFrom(pattern.slice(0, pattern.search(/[{\\]/)))
}
