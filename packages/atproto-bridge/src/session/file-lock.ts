import { closeSync, mkdirSync, openSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout } from 'node:timers/promises'

/** Whoever holds a lock for longer has died: what is done under it takes a request or two. */
const STALE_MS = 60_000
const POLL_MS = 50

/** Runs while no other process of this machine runs under the same path. A lock of a dead process ends after a minute. */
export async function withFileLock<T>(path: string, run: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  while (!acquired(path)) await setTimeout(POLL_MS)
  try {
    return await run()
  } finally {
    rmSync(path, { force: true })
  }
}

function acquired(path: string): boolean {
  try {
    closeSync(openSync(path, 'wx', 0o600))
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    const heldSinceMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs
    if (heldSinceMs !== undefined && Date.now() - heldSinceMs > STALE_MS) rmSync(path, { force: true })
    return false
  }
}
