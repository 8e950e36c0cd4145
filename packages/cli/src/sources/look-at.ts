import type { Stats } from 'node:fs'
import { stat } from 'node:fs/promises'
import { reading } from './file-failure.ts'

/** What there is at a path that somebody typed. @throws {ShardexError} `storage.not_found`; `storage.denied` */
export function lookAt(path: string): Promise<Stats> {
  return reading(path, () => stat(path))
}
