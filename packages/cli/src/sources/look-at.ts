import type { Stats } from 'node:fs'
import { stat } from 'node:fs/promises'
import { ShardexError } from '@shardex/errors'
import { messageOf } from './source-error.ts'

/** What there is at a path that somebody typed. @throws {ShardexError} `storage.not_found`; `storage.denied` */
export async function lookAt(path: string): Promise<Stats> {
  try {
    return await stat(path)
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new ShardexError('storage.not_found', { url: path }, { message: `there is no ${path}; check the path`, cause })
    }
    throw new ShardexError('storage.denied', { url: path }, { message: `cannot look at ${path}: ${messageOf(cause)}`, cause })
  }
}
