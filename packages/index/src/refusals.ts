import { describe, ShardexError } from '@shardex/errors'

/** The refusals that every backend makes alike. */

export function conflict(name: string, expectedRevision: number, actualRevision: number): ShardexError {
  const found = actualRevision === 0 ? 'it does not exist' : `it is at revision ${actualRevision}`
  const wanted = expectedRevision === 0 ? 'that it does not exist' : `revision ${expectedRevision}`
  return new ShardexError(
    'write.conflict',
    { name, expectedRevision, actualRevision },
    { message: `${JSON.stringify(name)}: ${found}, wanted ${wanted}; nothing was written. Look at it again and decide anew` },
  )
}

export function nameNotFound(name: string): ShardexError {
  return new ShardexError(
    'name.not_found',
    { name },
    { message: `no dataset has the name ${JSON.stringify(name)}; \`shardex ls\` shows those that exist` },
  )
}

export function entryNotFound(cid: string): ShardexError {
  return new ShardexError('entry.not_found', { cid }, { message: `the index has no entry ${cid}; commit it first` })
}

export function entryInUse(cid: string, names: readonly string[]): ShardexError {
  const shown = [...names]
    .sort()
    .slice(0, 5)
    .map((name) => JSON.stringify(name))
    .join(', ')
  const more = names.length > 5 ? ` and ${names.length - 5} more` : ''
  return new ShardexError(
    'entry.in_use',
    { cid, names: [...names].sort() },
    { message: `${cid} cannot be deleted: ${shown}${more} point to it; delete or move them first` },
  )
}

export function labelNotFound(name: string, version: string): ShardexError {
  return new ShardexError(
    'label.not_found',
    { name, version },
    { message: `there is no label ${JSON.stringify(`${name}@${version}`)}` },
  )
}

/** What has to be the same when an insert is continued. */
export interface IngestTerms {
  readonly name: string
  readonly layout: string
  readonly settings: string
}

export function ingestConflict(ingestId: string, found: IngestTerms, wanted: IngestTerms): ShardexError {
  const differing = (['name', 'layout', 'settings'] as const).filter((term) => found[term] !== wanted[term])
  const shown = (terms: IngestTerms): string => differing.map((term) => `${term} ${describe(terms[term], 200)}`).join(', ')
  return new ShardexError(
    'ingest.conflict',
    { ingestId, found: shown(found), wanted: shown(wanted) },
    {
      message: `the ingest ${JSON.stringify(ingestId)} began with ${shown(found)}; this call has ${shown(wanted)}. Continue it as it began, or use another ingestId`,
    },
  )
}

export function ingestBusy(ingestId: string, leaseLeftMs: number): ShardexError {
  return new ShardexError(
    'ingest.busy',
    { ingestId, leaseLeftMs },
    {
      message: `another process is working on the ingest ${JSON.stringify(ingestId)}; if it died, this one can continue in ${(leaseLeftMs / 1000).toFixed(1)} s`,
    },
  )
}

/** @param state of the journal now; `undefined`: there is none */
export function ingestLost(ingestId: string, state: string | undefined): ShardexError {
  const [why, next] = LOST[state ?? ''] ?? ['its journal is gone', 'Insert again']
  return new ShardexError(
    'ingest.lost',
    { ingestId },
    { message: `the ingest ${JSON.stringify(ingestId)} cannot go on here: ${why}. Nothing was committed by this call. ${next}` },
  )
}

/** What became of an ingest that somebody else ended or continues, and what to do. */
const LOST: Readonly<Record<string, readonly [string, string]>> = {
  open: ['this process gave no sign of life in time, and another one took it over', 'Leave it to that one'],
  abandoned: ['it was given up, by its owner or by `shardex gc`', 'Insert again, with another ingestId'],
  committed: ['another process has committed it', 'The dataset is there: look its name up'],
}

/** A commit would need what a collector may delete at any moment. */
export function beingDeleted(url: string): ShardexError {
  return new ShardexError(
    'shard.not_found',
    { shard: url },
    { message: `${url} is being deleted as garbage, so nothing was committed; store it under another URL` },
  )
}

export function unusable(argument: string, found: string, wanted: string): ShardexError {
  return new ShardexError(
    'usage.invalid',
    { argument, found, wanted },
    { message: `${argument}: found ${found}, wanted ${wanted}` },
  )
}

/** What is stored is not what an index stores. `where` is a key, or a table and a row. */
export function corrupt(where: string, found: string, wanted: string, cause?: unknown): ShardexError {
  return new ShardexError(
    'index.corrupt',
    { where, found, wanted },
    {
      message: `the index is damaged at ${where}: found ${found}, wanted ${wanted}; restore it from a backup, or delete it and commit again`,
      cause,
    },
  )
}

export function unavailable(url: string, reason: string, cause?: unknown): ShardexError {
  return new ShardexError('index.unavailable', { url }, { message: `the index at ${url} cannot be used: ${reason}`, cause })
}
