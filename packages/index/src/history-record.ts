import { CID } from 'multiformats/cid'
import { dagCborCid, isDagCborCid } from './cid.ts'
import type { NameRevision } from './entry.ts'
import { corrupt } from './refusals.ts'

/** A step as backends keep it: the fields of its record. The CID of the record is not kept with it but computed. */
export type StoredStep = Omit<NameRevision, 'recordCid'>

/**
 * The CID of the record of a step (`docs/formats/history.md`). `lua/record.lua` computes the same one.
 * @throws {Error} for texts that are no CIDs, and numbers that are no counts
 */
export function recordCid(step: StoredStep): string {
  const { name, revision, operation, atMs, cid, contentCid, renamedFrom, renamedTo, previousCid } = step
  return dagCborCid({
    version: 1,
    name,
    revision,
    operation,
    atMs,
    ...(cid !== undefined && { cid }),
    ...(contentCid !== undefined && { content: CID.parse(contentCid) }),
    ...(renamedFrom !== undefined && { renamedFrom }),
    ...(renamedTo !== undefined && { renamedTo }),
    ...(previousCid !== undefined && { previous: CID.parse(previousCid) }),
  })
}

/** @throws {ShardexError} `index.corrupt` for a step of which there can be no record */
export function toRevision(step: StoredStep): NameRevision {
  const { name, revision, atMs, contentCid, previousCid } = step
  const refuse = (found: string, wanted: string): never => {
    throw corrupt(`revision ${revision} in the history of ${JSON.stringify(name)}`, found, wanted)
  }
  if (!Number.isSafeInteger(revision) || revision < 1) refuse(`the revision ${revision}`, 'a whole number from 1')
  if (!Number.isSafeInteger(atMs) || atMs < 0) refuse(`the time ${atMs}`, 'milliseconds since 1970')
  for (const link of [contentCid, previousCid]) {
    if (link !== undefined && !isDagCborCid(link)) refuse(JSON.stringify(link), 'a CID')
  }
  return { ...step, recordCid: recordCid(step) }
}
