import { ShardexError } from '@shardex/errors'
import type { Entry, LookupOptions } from '@shardex/index'
import type { Context } from './context.ts'
import { nameNotFound } from './not-found.ts'
import { usageError } from './usage-error.ts'

/**
 * What a person calls a dataset: its name, `name@version` or CID.
 * @throws {ShardexError} `name.not_found`, `label.not_found` and `entry.not_found`, saying what may have been meant and how to get back what was removed
 */
export async function findEntry(target: string, { index, signal }: Context, at?: LookupOptions['at']): Promise<Entry> {
  const entry = isCid(target) ? await index.getEntry(target, { signal }) : await index.getEntryByName(target, { at, signal })
  if (entry !== undefined) return entry
  if (isCid(target)) {
    const message = `there is no entry ${target} in this registry; \`shardex ls --all\` lists those that are there`
    throw new ShardexError('entry.not_found', { cid: target }, { message })
  }
  throw await nameNotFound(target, { index, signal }, at === undefined ? '' : ' at that time')
}

/** A CIDv1 of DAG-CBOR with SHA-256 in base32, which every entry has. */
export function isCid(text: string): boolean {
  return /^bafyrei[a-z2-7]{52}$/.test(text)
}

/** A revision, or a time that `Date` reads. @throws {ShardexError} `usage.invalid` */
export function parseMoment(text: string | undefined): LookupOptions['at'] {
  if (text === undefined) return undefined
  if (/^\d{1,15}$/.test(text)) return { revision: Number(text) }
  const timeMs = Date.parse(text)
  if (Number.isNaN(timeMs)) throw usageError('--at', JSON.stringify(text), 'a revision like 3, or a time like 2026-11-20T12:00Z')
  return { timeMs }
}
