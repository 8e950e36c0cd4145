import type { ShardexError } from '@shardex/errors'
import type { Entry } from '@shardex/index'
import type { Storage } from '@shardex/storage'
import type { OnCorrupt } from './damage.ts'
import { mirrorsOf } from './mirrors.ts'
import { Quarantine } from './quarantine.ts'
import { RefetchingReader } from './refetching-reader.ts'
import { type SampleReader, ShardReader } from './shard-reader.ts'
import { SkippingReader } from './skipping-reader.ts'
import type { Verify } from './verify.ts'

export interface ReadSettings {
  readonly storage: Storage
  readonly verify: Verify
  readonly onCorrupt: OnCorrupt
  readonly onDamage: ((error: ShardexError) => void) | undefined
}

/** @throws `index.corrupt` for an entry whose mirrors are wanted and cannot be used */
export function openReader({ storage, verify, onCorrupt, onDamage }: ReadSettings, entry: Entry | undefined): SampleReader {
  const strict = new ShardReader(storage, verify)
  switch (onCorrupt) {
    case 'error':
      return strict
    case 'skip':
      return new SkippingReader(strict, new Quarantine(onDamage))
    case 'refetch':
      return new RefetchingReader(strict, entry === undefined ? [] : mirrorsOf(entry), new Quarantine(onDamage))
    default:
      throw new TypeError(`onCorrupt is 'error', 'skip' or 'refetch', found ${String(onCorrupt satisfies never)}`)
  }
}
