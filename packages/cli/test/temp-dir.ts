import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

export interface TempDir extends AsyncDisposable {
  readonly path: string
  /** Writes a file below the folder and returns its full path. */
  write(name: string, content: string | Uint8Array): Promise<string>
}

/** A folder of its own for one test, gone with everything in it when the test ends. */
export async function tempDir(): Promise<TempDir> {
  const path = await mkdtemp(join(tmpdir(), 'shardex-cli-'))
  return {
    path,
    async write(name, content) {
      const full = join(path, name)
      await mkdir(dirname(full), { recursive: true })
      await writeFile(full, content)
      return full
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  }
}
