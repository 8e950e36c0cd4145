import { ShardexError } from '@shardex/errors'
import type { Entry, Ingest, LocalIndex } from '@shardex/index'

/** What a journal that has ended became. @throws `ingest.conflict` if it is no entry any more, or never was */
export async function entryOf(index: LocalIndex, { id, name, state, cid }: Ingest): Promise<Entry> {
  if (cid === undefined) {
    const message = `the insert ${JSON.stringify(id)} was ${state}: nobody continued it, and its shards were given to the collector of garbage. Insert again with another ingestId.`
    throw new ShardexError('ingest.conflict', { ingestId: id, found: state, wanted: 'an open journal' }, { message })
  }
  const current = await index.getEntryByName(name)
  const entry = current?.cid === cid ? current : await index.getEntry(cid)
  if (entry !== undefined) return entry
  const message = `the insert ${JSON.stringify(id)} was committed as ${cid}, which was deleted since. To insert these samples again, use another ingestId.`
  throw new ShardexError('ingest.conflict', { ingestId: id, found: `the deleted entry ${cid}`, wanted: 'an entry' }, { message })
}

/** The registry went away during the commit, and does not say whether it took place. */
export function outcomeUnknown(cause: ShardexError<'index.unavailable'>, { id, resumable, base }: Ingest): ShardexError {
  const next = resumable
    ? `When it is back, make the same call again: it ends what was begun.`
    : `When it is back, look the name up. If it did not move, insert again; \`shardex gc\` removes what is left.`
  const message = `the registry went away, and whether the insert ${id} was committed cannot be known: ${cause.message}. Its shards are left in place, at ${base}. ${next}`
  return new ShardexError('index.unavailable', cause.details, { message, cause })
}
