import { decode, encode } from '@ipld/dag-cbor'
import { describe } from '@shardex/errors'
import { encodeMsgpack, type MsgpackValue } from '@shardex/schema'
import { blockCid, entryCid } from '../cid.ts'
import type { Entry } from '../entry.ts'
import { corrupt } from '../refusals.ts'
import { encodeDetails } from '../shard-details.ts'
import { toEntry } from '../stored-entry.ts'
import type { Pointer } from './layout.ts'
import { withPublicMirrors } from './public-url.ts'

/** An entry as bytes that are named by their hash, and the pointer to them. */
export interface EncodedEntry {
  readonly bytes: Uint8Array
  readonly pointer: Pointer
}

/** @param dataUrls what stands in the record for the URLs of the entry; they decide the CID */
export function encodeEntry(entry: Entry, dataUrls: readonly string[]): EncodedEntry {
  const { name, schemaRef, metadata, shards, contentCid, createdAtMs } = entry
  const record = {
    version: 1,
    name,
    schemaRef,
    dataUrls,
    ...(metadata !== undefined && { metadata: encodeMsgpack(withPublicMirrors(metadata) as MsgpackValue) }),
    ...(shards !== undefined && { details: encodeDetails({ shards, contentCid }) }),
    ...(createdAtMs !== undefined && { createdAtMs }),
  }
  const bytes = encode(record)
  return { bytes, pointer: { cid: entryCid({ schemaRef, dataUrls }), record: blockCid(bytes) } }
}

/**
 * The entry that a pointer leads to. Its bytes are held against the hash that the pointer names, and its CID against what it stands for. Mirrors that
 * do not lie on the web are left out.
 * @param locate the URL that a reader can open for one of the record
 * @throws {ShardexError} `index.corrupt`
 */
export function decodeEntry(
  bytes: Uint8Array,
  pointer: Pointer,
  name: string | undefined,
  locate: (url: string) => string,
): Entry {
  const where = `the record ${pointer.record}`
  const found = blockCid(bytes)
  if (found !== pointer.record) throw corrupt(where, `bytes with the CID ${found}`, 'the bytes that it was made of')
  const { version, name: firstName, schemaRef, dataUrls, metadata, details, createdAtMs } = decodeMap(bytes, where)
  if (version !== 1 || typeof firstName !== 'string' || typeof schemaRef !== 'string' || !isTextList(dataUrls))
    throw corrupt(where, `version ${describe(version)}, URLs ${describe(dataUrls)}`, 'a record of version 1')
  if (!isBytes(metadata) || !isBytes(details) || !(createdAtMs === undefined || Number.isSafeInteger(createdAtMs)))
    throw corrupt(where, `metadata ${describe(metadata)}, details ${describe(details)}`, 'bytes')
  const cid = entryCid({ schemaRef, dataUrls })
  if (cid !== pointer.cid) throw corrupt(where, `the entry ${cid}`, `the entry ${pointer.cid}`)
  const stored = {
    cid,
    name: firstName,
    schemaRef,
    dataUrls: encodeMsgpack(dataUrls.map(locate)),
    metadata,
    details,
    createdAtMs: createdAtMs as number | undefined,
  }
  const { revision } = pointer
  const entry = toEntry(stored, name !== undefined && revision !== undefined ? { name, revision } : undefined)
  return Object.freeze({ ...entry, metadata: entry.metadata && Object.freeze(withPublicMirrors(entry.metadata)) })
}

function decodeMap(bytes: Uint8Array, where: string): Readonly<Record<string, unknown>> {
  try {
    return Object(decode(bytes)) as Readonly<Record<string, unknown>>
  } catch (error) {
    throw corrupt(where, 'bytes that are no DAG-CBOR', 'a record of version 1', error)
  }
}

function isTextList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}

function isBytes(value: unknown): value is Uint8Array | undefined {
  return value === undefined || value instanceof Uint8Array
}
