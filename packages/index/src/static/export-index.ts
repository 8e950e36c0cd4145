import { isShardexError, ShardexError } from '@shardex/errors'
import { parseSchemaRef, stringifyRecord } from '@shardex/schema'
import type { ObjectStore } from '@shardex/storage'
import type { Entry, ShardDescription } from '../entry.ts'
import type { LocalIndex } from '../local-index.ts'
import { splitLabel } from '../name.ts'
import type { CallOptions } from '../provider.ts'
import { nameNotFound } from '../refusals.ts'
import { encodeEntry } from './entry-record.ts'
import {
  cidKey,
  encodeNames,
  encodePointer,
  NAMES_KEY,
  nameKey,
  type Pointer,
  recordKey,
  schemaKey,
  WRITTEN_KEY,
} from './layout.ts'
import { isPublicUrl } from './public-url.ts'
import { readNames } from './read-file.ts'

export interface ExportOptions extends CallOptions {
  /** Default: all, and what the target has beside them is forgotten. Names that are given come to those that the target has. */
  readonly names?: readonly string[] | undefined
  /**
   * The URL under which readers find a shard: an address on the web, or a key in the target. Default: its own URL, if it is an address on the web.
   * @param shard its description, where the registry has one
   */
  readonly publicUrl?: ((url: string, shard: ShardDescription | undefined) => string | Promise<string>) | undefined
  readonly onName?: ((name: string) => void) | undefined
}

/** What was written. */
export interface Exported {
  readonly names: readonly string[]
  readonly entries: number
  readonly schemas: number
}

/**
 * Write names, their versioned labels, entries and schemas as files that {@link StaticIndex} reads from any web server. Names are written last, so
 * who reads meanwhile sees each as it was or as it is. What exports wrote and the registry no longer has is deleted, and nothing else. The history of
 * names stays behind.
 * @throws {ShardexError} `name.not_found`; `url.invalid` for a shard that others could not reach; what index and target throw
 */
export async function exportIndex(index: LocalIndex, target: ObjectStore, options: ExportOptions = {}): Promise<Exported> {
  const { signal, publicUrl = (url) => url, onName } = options
  const before = await readNames(target, NAMES_KEY, { signal })
  const written = new Set([...before, ...(await readNames(target, WRITTEN_KEY, { signal }))])
  const all = options.names ?? (await allNames(index, signal))
  const records = new Map<string, Pointer>()
  const schemas = new Set<string>()
  const pointers = new Map<string, Pointer>()

  const putJson = (key: string, bytes: Uint8Array) => target.put(key, bytes, { signal, contentType: 'application/json' })

  async function putSchema(ref: string): Promise<void> {
    // What others call a schema may be none that an index could have; whoever knows the type reads without.
    const record = await index.getSchema(ref, { signal }).catch((error: unknown) => {
      if (!isShardexError(error, 'ref.invalid')) throw error
    })
    if (record === undefined) return
    const { typeName, version } = parseSchemaRef(ref)
    const key = schemaKey(typeName, version)
    if (schemas.has(key)) return
    const { $ref, ...rest } = record
    await putJson(key, new TextEncoder().encode(stringifyRecord(rest)))
    schemas.add(key)
  }

  async function putEntry(entry: Entry): Promise<Pointer> {
    const known = records.get(entry.cid)
    if (known !== undefined) return known
    const dataUrls: string[] = []
    for (const [i, url] of entry.dataUrls.entries()) {
      const found = await publicUrl(url, entry.shards?.[i])
      if (!isPublicUrl(found)) throw unreachable(entry, found)
      dataUrls.push(found)
    }
    const { bytes, pointer } = encodeEntry(entry, dataUrls)
    await putSchema(entry.schemaRef)
    await target.put(recordKey(pointer.record), bytes, { signal, contentType: 'application/cbor' })
    await putJson(cidKey(pointer.cid), encodePointer(pointer))
    records.set(entry.cid, pointer)
    return pointer
  }

  for (const name of all) {
    const entry = await index.getEntryByName(name, { signal })
    if (entry === undefined) throw nameNotFound(name)
    onName?.(name)
    pointers.set(name, { ...(await putEntry(entry)), revision: entry.revision })
    for await (const { version, cid } of index.listLabels(name, { signal })) {
      const marked = version === '' ? undefined : await index.getEntry(cid, { signal })
      if (marked !== undefined) pointers.set(`${name}@${version}`, await putEntry(marked))
    }
  }
  // Before they are there, so that whoever comes after an export that broke off knows of them.
  await putJson(WRITTEN_KEY, encodeNames([...new Set([...written, ...pointers.keys()])].sort()))
  for (const [name, pointer] of pointers) await putJson(nameKey(name), encodePointer(pointer))
  const names = new Set(options.names === undefined ? all : [...before, ...all].sort())
  await putJson(NAMES_KEY, encodeNames([...names]))
  const others = new Set(names)
  for (const name of all) others.delete(name)
  const kept = new Set(pointers.keys())
  for (const name of written)
    if (names.has(name) || others.has(splitLabel(name)?.name ?? name)) kept.add(name)
    else if (!kept.has(name)) await target.delete(nameKey(name), { signal })
  await putJson(WRITTEN_KEY, encodeNames([...kept].sort()))
  return { names: all, entries: records.size, schemas: schemas.size }
}

async function allNames(index: LocalIndex, signal: AbortSignal | undefined): Promise<string[]> {
  const all: string[] = []
  let cursor: string | undefined
  do {
    const page = await index.listNames({ signal, cursor, limit: 1000 })
    all.push(...page.names.map(({ name }) => name))
    cursor = page.cursor
  } while (cursor !== undefined)
  return all
}

function unreachable({ name }: Entry, url: string): ShardexError {
  const wanted = 'https://… or http://…'
  const message = `others cannot reach the shard ${url} of "${name}": say where it is served (--base-url), or put copies beside the index (--copy)`
  return new ShardexError('url.invalid', { url, found: 'a place of this machine', wanted }, { message })
}
