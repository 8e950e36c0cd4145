import { isShardexError, ShardexError } from '@shardex/errors'
import {
  defineLens,
  formatLensRef,
  isVersion,
  type Lens,
  type LensRecord,
  latestVersion,
  lensOfMapping,
  nextPatch,
  parseLensRecord,
  parseLensRef,
  type SampleType,
  stringifyLens,
} from '@shardex/schema'
import type { StoredLens } from './lens-shelf.ts'
import type { Page, PageOptions } from './paging.ts'
import type { CallOptions, IndexProvider } from './provider.ts'
import { publishSchema } from './publish-schema.ts'
import { decodeSchema } from './read-schema.ts'
import { corrupt } from './refusals.ts'

export interface StoreLensOptions extends CallOptions {
  readonly name: string
  /** Semver. Left out: the latest one if that is the same lens, else the patch after it, else 1.0.0. */
  readonly version?: string | undefined
  readonly description?: string | undefined
}

export interface LoadLensOptions extends CallOptions {
  /** The types of its samples. Left out: those of the schemas that the record names; of a record of atdata, the latest of these names. */
  readonly source?: SampleType | undefined
  readonly view?: SampleType | undefined
}

/** A lens record and the reference it is found by. */
export interface PublishedLens extends LensRecord {
  readonly $ref: string
}

const MAX_ROUNDS = 10_000

/** Publish the schemas of a lens, then the lens under a free version, or find it published. @returns the reference */
export async function storeLens(index: IndexProvider, lens: Lens, options: StoreLensOptions): Promise<string> {
  const { name, version, description, signal } = options
  const refOf = (candidate: string): string => formatLensRef(name, candidate)
  refOf(version ?? '1.0.0')
  if (version !== undefined && !isVersion(version)) throw badVersion(name, version)
  const textOf = (candidate: string, sourceRef: string, viewRef: string): string =>
    stringifyLens(lens, { name, version: candidate, description, createdAt: new Date(), sourceRef, viewRef })
  textOf('1.0.0', '', '') // code is refused before anything is published
  const [sourceRef, viewRef] = [
    await publishSchema(index, lens.source, { signal }),
    await publishSchema(index, lens.view, { signal }),
  ]
  const isSame = async (candidate: string): Promise<boolean> => {
    const text = await index.lenses.find(name, candidate, { signal })
    return text !== undefined && sameLens(text, textOf(candidate, sourceRef, viewRef))
  }
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const latest = latestVersion(await index.lenses.versions(name, { signal }))
    if (version === undefined && latest !== undefined && (await isSame(latest))) return refOf(latest)
    const candidate = version ?? nextPatch(latest === undefined ? [] : [latest])
    const stored = { name, version: candidate, text: textOf(candidate, sourceRef, viewRef) }
    if (await index.lenses.put(stored, { signal })) return refOf(candidate)
    if (version !== undefined && (await isSame(version))) return refOf(version)
    if (version !== undefined) throw taken(refOf(version))
  }
  throw corrupt(`the versions of the lens ${name}`, `no free version in ${MAX_ROUNDS} rounds`, 'the next patch to be free')
}

/**
 * The record of a lens; `undefined` if there is none.
 * @throws `ref.invalid`; `index.corrupt` for what is no record
 */
export async function getLens(index: IndexProvider, ref: string, options?: CallOptions): Promise<PublishedLens | undefined> {
  const { name, version } = parseLensRef(ref)
  const text = await index.lenses.find(name, version, options)
  if (text === undefined) return undefined
  try {
    return { ...parseLensRecord(text), $ref: ref }
  } catch (error) {
    throw corrupt(`lens ${name}@${version}`, error instanceof Error ? error.message : 'an error', 'a lens record', error)
  }
}

/**
 * A lens that works, of the types that are given or named by its record. Its `put` refuses if the putter of the record is not its getter.
 * @throws `lens.not_found`; `lens.invalid` for one that is code, or fits its types no more; `schema.not_found`; what {@link getLens} throws
 */
export async function loadLens(index: IndexProvider, ref: string, options: LoadLensOptions = {}): Promise<Lens> {
  const record = await getLens(index, ref, options)
  if (record === undefined) {
    const message = `the index has no lens ${ref}; listLenses() gives those it has`
    throw new ShardexError('lens.not_found', { lens: ref }, { message })
  }
  if (record.mapping === undefined) throw isCode(ref, record.code ?? 'opaque')
  const source = options.source ?? (await typeOf(index, record.sourceRef, record.sourceSchema, options))
  const view = options.view ?? (await typeOf(index, record.viewRef, record.viewSchema, options))
  const lens = lensOfMapping(source, view, record.mapping)
  return record.isGetOnly === true ? defineLens(source, view, { get: (sample) => lens.get(sample) }) : lens
}

/** What cannot be read as a record is left out; `getLens` says why. */
export async function listLenses(index: IndexProvider, options?: PageOptions): Promise<Page<PublishedLens>> {
  const page = await index.lenses.list(options)
  return { ...page, items: page.items.flatMap(readRecord) }
}

function readRecord({ name, version, text }: StoredLens): PublishedLens[] {
  try {
    return [{ ...parseLensRecord(text), $ref: formatLensRef(name, version) }]
  } catch (error) {
    if (isShardexError(error)) return []
    throw error
  }
}

async function typeOf(
  index: IndexProvider,
  ref: string | undefined,
  typeName: string,
  options: CallOptions,
): Promise<SampleType> {
  if (ref !== undefined) return decodeSchema(index, ref, options)
  // atdata names types alone.
  const bareName = typeName.slice(typeName.lastIndexOf('.') + 1)
  const { latest = '1.0.0' } = await index.schemaState(bareName, '', options)
  return decodeSchema(index, `atdata://local/schema/${bareName}@${latest}`, options)
}

/** Time and description do not count. */
function sameLens(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => {
    try {
      const { createdAt: _, description: __, ...lens } = parseLensRecord(text)
      return JSON.stringify(lens, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value))
    } catch (error) {
      if (isShardexError(error)) return undefined
      throw error
    }
  })
  return a !== undefined && a === b
}

function isCode(ref: string, code: string): ShardexError {
  const [found, wanted] = [`Python code (${code})`, 'a mapping of fields']
  const message = `the lens ${ref} is ${found}, which is never run here. Define the same one with defineLens.`
  return new ShardexError('lens.invalid', { lens: ref, found, wanted }, { message })
}

function taken(ref: string): ShardexError {
  const [found, wanted] = ['another lens', 'the same lens, or a version that is free']
  const message = `${ref} is stored and does something else; store this one under another version, or without one to get the next`
  return new ShardexError('lens.conflict', { ref, found, wanted }, { message })
}

function badVersion(name: string, version: string): ShardexError {
  const [found, wanted] = [JSON.stringify(version.slice(0, 100)), 'a semantic version like 1.2.3']
  return new ShardexError(
    'ref.invalid',
    { ref: `${name}@${version}`, found, wanted },
    { message: `the version of the lens ${name}: found ${found}, wanted ${wanted}` },
  )
}
