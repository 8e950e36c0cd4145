import type { Page, PageOptions } from './paging.ts'
import type { CallOptions } from './provider.ts'

/** A lens record under its name and version. */
export interface StoredLens {
  readonly name: string
  readonly version: string
  /** The record's JSON text. */
  readonly text: string
}

/** The part of a backend that keeps lenses. Each call is one step. */
export interface LensShelf {
  /** Never overwrites. @returns whether it was written: not if the version exists */
  put(lens: StoredLens, options?: CallOptions): Promise<boolean>
  find(name: string, version: string, options?: CallOptions): Promise<string | undefined>
  /** All of one name, in UTF-8 byte order. */
  versions(name: string, options?: CallOptions): Promise<readonly string[]>
  /** By name, then by version, in UTF-8 byte order. */
  list(options?: PageOptions): Promise<Page<StoredLens>>
}
