import { describe } from '@shardex/errors'
import { decodeMsgpack, decodeMsgpackMap } from '@shardex/schema'
import type { Entry, Metadata } from './entry.ts'
import type { StoredEntry } from './provider.ts'
import { corrupt } from './refusals.ts'
import { decodeDetails } from './shard-details.ts'

/**
 * What a backend keeps, as people use it.
 * @param found the name and the revision that led here
 * @throws {ShardexError} `index.corrupt`
 */
export function toEntry(stored: StoredEntry, found?: { readonly name: string; readonly revision: number }): Entry {
  const { cid, schemaRef, createdAtMs } = stored
  const dataUrls = read(cid, 'data_urls', 'a msgpack array of strings', () => textList(decodeMsgpack(stored.dataUrls)))
  const metadata =
    stored.metadata && read(cid, 'metadata', 'a msgpack map', () => decodeMsgpackMap(ownBytes(stored.metadata)) as Metadata)
  const details =
    stored.details && read(cid, 'details', 'descriptions of its shards', () => decodeDetails(ownBytes(stored.details), dataUrls))
  const shards = details?.shards
  return Object.freeze({
    cid,
    name: found?.name ?? stored.name,
    schemaRef,
    dataUrls,
    metadata: metadata && Object.freeze(metadata),
    shards: shards && Object.freeze(shards),
    contentCid: details?.contentCid,
    sampleCount: shards?.reduce((sum, shard) => sum + shard.sampleCount, 0),
    sizeBytes: shards?.reduce((sum, shard) => sum + shard.sizeBytes, 0),
    createdAtMs,
    revision: found?.revision,
    wdsUrl: dataUrls[0] ?? '',
    sampleKind: schemaRef,
  })
}

function read<T>(cid: string, field: string, wanted: string, decode: () => T): T {
  try {
    return decode()
  } catch (error) {
    throw corrupt(`${field} of entry ${cid}`, error instanceof Error ? error.message : describe(error), wanted, error)
  }
}

/** Byte strings in metadata are views; they shall not hold or share the buffer of a whole reply. */
function ownBytes(bytes: Uint8Array | undefined): Uint8Array {
  return Uint8Array.from(bytes ?? [])
}

function textList(value: unknown): readonly string[] {
  if (!Array.isArray(value)) throw new TypeError(describe(value))
  for (const item of value) if (typeof item !== 'string') throw new TypeError(`a list with ${describe(item)}`)
  return Object.freeze(value as string[])
}
