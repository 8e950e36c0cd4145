import { rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onExit } from './on-exit.ts'

export interface TempDir extends AsyncDisposable {
  readonly path: string
  /** The absolute path of a file or folder in it. */
  file(...names: string[]): string
}

/** A new folder that is removed with all it holds when disposed, or at the latest when this process ends. */
export async function tempDir(purpose = 'test'): Promise<TempDir> {
  const path = await mkdtemp(join(tmpdir(), `shardex-${purpose}-`))
  const forget = onExit(() => rmSync(path, REMOVE))
  return {
    path,
    file: (...names) => join(path, ...names),
    async [Symbol.asyncDispose]() {
      await rm(path, REMOVE)
      forget()
    },
  }
}

// A server that was just killed may still finish a write: try again instead of failing with ENOTEMPTY.
const REMOVE = { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }
