import type { ShardexError } from '@shardex/errors'
import type { Label, NameRevision } from '../entry.ts'
import { toRevision } from '../history-record.ts'
import type { FoundEntry, HistoryHead, NamePointer, StoredEntry } from '../provider.ts'
import { corrupt } from '../refusals.ts'
import type { Reply } from './connection.ts'
import type { Keys } from './keys.ts'

/** The shapes in which the scripts answer, checked: what they pass on was stored by anybody. */

export function toEntry(reply: Reply, keys: Keys): StoredEntry {
  const [cid, name, schemaRef, dataUrls, metadata, details, createdAtMs] = toArray(reply)
  const id = toText(cid)
  const field = (value: Reply | undefined, label: string): Buffer => {
    if (Buffer.isBuffer(value)) return value
    throw corrupt(`key ${JSON.stringify(keys.entry + id)}`, `no field ${label}`, 'the fields name, schema_ref and data_urls')
  }
  return {
    cid: id,
    name: field(name, 'name').toString(),
    schemaRef: field(schemaRef, 'schema_ref').toString(),
    dataUrls: field(dataUrls, 'data_urls'),
    metadata: ifBytes(metadata),
    details: ifBytes(details),
    createdAtMs: Buffer.isBuffer(createdAtMs) ? toNumber(createdAtMs) : undefined,
  }
}

/** `undefined` also if the step of the name points to an entry that was deleted since. */
export function ifFound(reply: Reply, keys: Keys): FoundEntry | undefined {
  return reply === null || toArray(reply)[1] === null ? undefined : toFound(reply, keys)
}

export function toFound(reply: Reply, keys: Keys): FoundEntry {
  const [revision, entry = null] = toArray(reply)
  return { revision: toNumber(revision), entry: toEntry(entry, keys) }
}

export function toPointer(reply: Reply): NamePointer {
  const [name, revision, cid, atMs] = toArray(reply)
  return { name: toText(name), revision: toNumber(revision), cid: toText(cid), atMs: toNumber(atMs) }
}

export function toLabel(reply: Reply): Label {
  const [name, version, cid, description] = toArray(reply)
  return { name: toText(name), version: toText(version), cid: toText(cid), description: ifBytes(description)?.toString() }
}

/** A step as the scripts write it, in JSON. */
export function toStep(name: string, reply: Reply | undefined, score: Reply | undefined): NameRevision {
  const revision = toNumber(score)
  const wrong = (cause?: unknown): ShardexError =>
    corrupt(
      `revision ${revision} in the history of ${JSON.stringify(name)}`,
      toText(reply),
      'a step with operation and at_ms',
      cause,
    )
  const step = parseObject(toText(reply), wrong)
  const ifText = (field: string): string | undefined => {
    const value = step[field]
    if (value !== undefined && typeof value !== 'string') throw wrong()
    return value
  }
  const { operation, at_ms: atMs } = step
  if (typeof atMs !== 'number' || (operation !== 'commit' && operation !== 'delete' && operation !== 'rename')) throw wrong()
  return toRevision({
    name,
    revision,
    operation,
    atMs,
    cid: ifText('cid'),
    renamedFrom: ifText('renamed_from'),
    renamedTo: ifText('renamed_to'),
    contentCid: ifText('content'),
    previousCid: ifText('previous'),
  })
}

export function toHead(reply: Reply): HistoryHead {
  const [revision, atMs, cid, record] = toArray(reply)
  return { revision: toNumber(revision), atMs: toNumber(atMs), cid: ifBytes(cid)?.toString(), recordCid: toText(record) }
}

export function toArray(reply: Reply | undefined): readonly Reply[] {
  if (Array.isArray(reply)) return reply as readonly Reply[]
  throw corrupt('a reply of Redis', 'no array', 'an array')
}

export function toText(reply: Reply | undefined): string {
  if (Buffer.isBuffer(reply)) return reply.toString()
  throw corrupt('a reply of Redis', reply === null ? 'nothing' : 'no text', 'text')
}

export function toNumber(reply: Reply | undefined): number {
  const number = typeof reply === 'number' ? reply : Number(toText(reply))
  if (Number.isSafeInteger(number)) return number
  throw corrupt('a reply of Redis', JSON.stringify(toText(reply)), 'a whole number')
}

function ifBytes(reply: Reply | undefined): Buffer | undefined {
  return Buffer.isBuffer(reply) ? reply : undefined
}

function parseObject(text: string, wrong: (cause?: unknown) => ShardexError): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(text)) as Readonly<Record<string, unknown>>
  } catch (error) {
    throw wrong(error)
  }
}
