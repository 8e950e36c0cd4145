import { isShardexError } from '@shardex/errors'
import type { ObjectStore } from '../object-store.ts'

export interface CacheOptions {
  /** A directory for nothing else, on a disk of this machine; made if it is missing. Any number of processes may share it. */
  readonly dir: string
  /** What all files of the directory may take together, those that are being written included. */
  readonly maxBytes: number
  /**
   * Which part of an object has to be asked for in ranges, by this process, before all of it is fetched in the background: 0 for all at the first
   * range, `Infinity` for never. Default 1/8.
   */
  readonly fillAfter?: number | undefined
  /**
   * Hears why something could not be kept or was thrown away: `storage.full`, `storage.denied`, `storage.corrupt`. Reading goes on without the cache. Default:
   * a warning of Node, once for each kind.
   */
  readonly onProblem?: ((error: unknown) => void) | undefined
}

/** One cache before several stores. */
export interface SharedCache extends AsyncDisposable {
  before(store: ObjectStore): ObjectStore
}

export function warnOnce(): (error: unknown) => void {
  const told = new Set<string>()
  return (error) => {
    const kind = isShardexError(error) ? error.code : String(error)
    if (told.has(kind)) return
    told.add(kind)
    process.emitWarning(`shardex reads without its cache: ${error instanceof Error ? error.message : kind}`)
  }
}
