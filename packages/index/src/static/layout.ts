import { describe } from '@shardex/errors'
import { isDagCborCid } from '../cid.ts'
import { corrupt } from '../refusals.ts'

/**
 * The files of an index that is only read: `docs/formats/static-index.md`. A pointer is small and may change; what it points to is named by the
 * hash of its bytes and never does.
 */
export const NAMES_KEY = 'names.json'
/** What has a file below `names/`, labels too: the writer's own list, of the same form. */
export const WRITTEN_KEY = 'written.json'
export const MAX_NAMES_BYTES: number = 64 * 1024 * 1024
export const MAX_POINTER_BYTES: number = 16 * 1024
export const MAX_RECORD_BYTES: number = 64 * 1024 * 1024
export const MAX_SCHEMA_BYTES: number = 1024 * 1024

/** @param name of a dataset, or `name@version` */
export function nameKey(name: string): string {
  return `names/${name}.json`
}

export function cidKey(cid: string): string {
  return `cids/${cid}.json`
}

export function recordKey(recordCid: string): string {
  return `entries/${recordCid}.cbor`
}

export function schemaKey(typeName: string, version: string): string {
  return `schemas/${typeName}@${version}.json`
}

/** Where a name or a CID leads. */
export interface Pointer {
  readonly cid: string
  /** The CID of the entry's record. */
  readonly record: string
  /** Of the name; labels and CIDs have none. */
  readonly revision?: number | undefined
}

export function encodePointer(pointer: Pointer): Uint8Array {
  return encodeJson({ version: 1, ...pointer })
}

/** @throws {ShardexError} `index.corrupt` */
export function decodePointer(bytes: Uint8Array, where: string): Pointer {
  const { version, cid, record, revision } = decodeJson(bytes, where)
  const isRevision = revision === undefined || (Number.isSafeInteger(revision) && (revision as number) > 0)
  if (version !== 1 || !isCid(cid) || !isCid(record) || !isRevision)
    throw corrupt(
      where,
      `version ${describe(version)}, cid ${describe(cid)}, record ${describe(record)}`,
      'a pointer of version 1',
    )
  return { cid, record, revision: revision as number | undefined }
}

export function encodeNames(names: readonly string[]): Uint8Array {
  return encodeJson({ version: 1, names })
}

/** @throws {ShardexError} `index.corrupt` */
export function decodeNames(bytes: Uint8Array, where: string): readonly string[] {
  const { version, names } = decodeJson(bytes, where)
  if (version === 1 && Array.isArray(names) && names.every((name) => typeof name === 'string')) return names as string[]
  throw corrupt(where, `version ${describe(version)}, names ${describe(names)}`, 'a list of names of version 1')
}

function encodeJson(value: object): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value)}\n`)
}

function decodeJson(bytes: Uint8Array, where: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))) as Readonly<Record<string, unknown>>
  } catch (error) {
    throw corrupt(where, 'no JSON (does the server answer with a page what it does not have?)', 'JSON', error)
  }
}

function isCid(value: unknown): value is string {
  return typeof value === 'string' && isDagCborCid(value)
}
