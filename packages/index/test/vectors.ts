import { readFileSync } from 'node:fs'

export function readVectors<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`./vectors/${name}.json`, import.meta.url), 'utf8')) as T
}

/** The part of atdata-index-storage.json that tests use. */
export interface StorageVectors {
  readonly entries: readonly {
    readonly entry: {
      name: string
      schema_ref: string
      data_urls: string[]
      metadata?: Record<string, never>
      _legacy_uuid?: string
    }
    readonly cid: string
    readonly redis_key: string
    readonly redis_hash_hex: Readonly<Record<string, string>>
    readonly sqlite_row: readonly (string | null)[]
  }[]
  readonly labels: readonly { readonly redis_key: string; readonly redis_hash: Readonly<Record<string, string>> }[]
  readonly sqlite_master: readonly string[]
  readonly sqlite_pragmas: Readonly<Record<string, string | number>>
}

export const storage: StorageVectors = readVectors<StorageVectors>('atdata-index-storage')
