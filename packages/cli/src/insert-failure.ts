import { isShardexError, ShardexError } from '@shardex/errors'
import type { Layout } from '@shardex/repo'
import type { Context } from './context.ts'
import { formatCount } from './output/units.ts'
import { counted } from './print-facts.ts'

/** An insert that did not come to its end. */
export interface EndedInsert {
  readonly name: string
  /** Where the name stood before; 0 if there was none. */
  readonly revision: number
  /** Set if it can be continued. */
  readonly ingestId: string | undefined
  readonly layout: Layout | undefined
}

/** So long a command that was stopped waits for the registry to say what is left. */
const FAREWELL_MS = 3_000

/** Where the registry does not say how much. */
const KEPT = 'what is stored is kept: the same command goes on after it'

/** The error in words of the command line: which insert, what is left of it, and how it can go on. */
export async function insertFailure(error: unknown, insert: EndedInsert, { index, signal, note }: Context): Promise<unknown> {
  const message = isShardexError(error) ? inOurWords(error, insert.name) : undefined
  if (isShardexError(error) && message !== undefined)
    return new ShardexError(error.code, error.details, { message, cause: error })
  if (isShardexError(error) || !signal.aborted) {
    if (insert.ingestId !== undefined) note(await whatIsLeft(insert, index).catch(() => KEPT))
    return error
  }
  const left = await whatIsLeft(insert, index).catch(() => undefined)
  return new DOMException(left === undefined ? 'stopped' : `stopped; ${left}`, 'AbortError')
}

/** The library speaks of ids, which nobody has typed here. */
function inOurWords(error: ShardexError, name: string): string | undefined {
  const ours = `the insert of ${JSON.stringify(name)}`
  const again = 'or start anew without --resume'
  if (isShardexError(error, 'ingest.busy')) {
    const seconds = (error.details.leaseLeftMs / 1000).toFixed(1)
    return `another process is working on ${ours}; if it died, the same command can go on in ${seconds} s`
  }
  if (isShardexError(error, 'ingest.lost'))
    return `${ours} was taken over or ended by another process, or given up by \`shardex gc\`; this one committed nothing. \`shardex history ${name}\` shows what came of it`
  if (isShardexError(error, 'ingest.conflict'))
    return `${ours} that was interrupted began with ${error.details.found}; now it is ${error.details.wanted}. Was the source changed? Give it what it began with, ${again}`
  if (!isShardexError(error, 'ingest.diverged')) return undefined
  const { shard, found, wanted } = error.details
  return `the samples are not those with which ${ours} began: ${shard} is stored with ${wanted}, and they give ${found}. Nothing was overwritten. Give it the source it began with, ${again}`
}

async function whatIsLeft({ name, revision, ingestId, layout }: EndedInsert, index: Context['index']): Promise<string> {
  const options = { signal: AbortSignal.timeout(FAREWELL_MS) }
  const ingest = ingestId === undefined ? undefined : await index.ingests.find(ingestId, options)
  if (ingest?.state === 'open') {
    if (ingest.shardCount === 0) return 'no shard was finished, so the same command starts from the beginning'
    const kept = counted(formatCount(ingest.shardCount), 'shard')
    return `the same command goes on after the ${kept} kept; after 7 days \`shardex gc\` gives the insert up`
  }
  const now = (await index.getEntryByName(name, options))?.revision ?? 0
  if (now !== revision) return `meanwhile the name came to revision ${now}: \`shardex history ${name}\` shows by what`
  return layout === 'content'
    ? 'nothing was inserted; what was stored is left to the next insert or `shardex gc`'
    : 'nothing is left'
}
