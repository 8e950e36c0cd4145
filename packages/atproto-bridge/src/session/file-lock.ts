import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout } from 'node:timers/promises'
import { abortable } from '@shardex/storage'

const POLL_MS = 50
const SQLITE_BUSY = 5

/**
 * Runs while nothing else on this machine runs under the same path. The lock is one of the operating system on an empty database, which stays: whoever holds it holds
 * it for as long as that takes, and with a process its locks end too. A file that says by being there that it is held can tell neither.
 * @param signal ends the waiting, not what runs
 */
export async function withFileLock<T>(path: string, run: () => Promise<T>, signal?: AbortSignal | undefined): Promise<T> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const lock = new DatabaseSync(path)
  try {
    while (!acquired(lock)) await abortable(setTimeout(POLL_MS), signal)
    return await run()
  } finally {
    lock.close()
  }
}

function acquired(lock: DatabaseSync): boolean {
  try {
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE') // no second file
    return true
  } catch (error) {
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) return false
    throw error
  }
}
