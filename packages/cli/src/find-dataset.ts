import type { AtmosphereEntry } from '@shardex/atproto-bridge'
import { ShardexError } from '@shardex/errors'
import type { Entry, LookupOptions } from '@shardex/index'
import type { Verify } from '@shardex/repo'
import type { SampleType } from '@shardex/schema'
import type { Storage } from '@shardex/storage'
import type { Context } from './context.ts'
import { findEntry } from './find-entry.ts'
import { usageError } from './usage-error.ts'

/** An entry of the registry, or of what others have published, and what it takes to read it. */
export interface FoundDataset {
  readonly entry: Entry
  /** Set if it is of others. */
  readonly published?: AtmosphereEntry | undefined
  readonly storage: Storage
  /** Digests that others have published are proved; those of the own registry are, where CRCs do not do. */
  readonly verify: Verify
  type(): Promise<SampleType>
}

/** `at://…`, `@handle/name`, `handle/name@version`, `did:…/name`. Names of the registry have neither `/` nor `@`. */
export function isPublished(target: string): boolean {
  return /^(at:\/\/|@|did:|[a-z0-9-]+(\.[a-z0-9-]+)+\/)/i.test(target)
}

/**
 * What a person calls a dataset: as {@link findEntry}, or as its account calls it.
 * @throws {ShardexError} as {@link findEntry}; `entry.not_found`, `account.not_found`, `record.invalid`, `ref.invalid`, `atmosphere.unavailable`
 */
export async function findDataset(target: string, context: Context, at?: LookupOptions['at']): Promise<FoundDataset> {
  const { signal } = context
  if (!isPublished(target)) {
    const entry = await findEntry(target, context, at)
    const type = (): Promise<SampleType> => context.index.decodeSchema(entry.schemaRef, { signal })
    return { entry, storage: context.repo.store.storage, verify: 'crc32', type }
  }
  if (at !== undefined) throw usageError('--at', target, 'a name of the own registry: others publish no history')
  const atmosphere = await context.atmosphere()
  const entry = await atmosphere.getEntry(target, { signal })
  if (entry === undefined) {
    const message = `there is no dataset ${target}; check the spelling, or ask whoever published it for the at:// URI`
    throw new ShardexError('entry.not_found', { cid: target }, { message })
  }
  const type = (): Promise<SampleType> => atmosphere.decodeSchema(entry.schemaRef, { signal })
  return { entry, published: entry, storage: atmosphere.storageOf(entry), verify: 'sha256', type }
}
