import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ObjectStore, openFileStore } from '@shardex/storage'

const PREFIX = 'shardex-spool-'
/** No process keeps a spool for so long. */
const ABANDONED_MS = 86_400_000

let swept: Promise<void> | undefined

/** A place for what has to wait on this machine's disk, in the folder for temporary files. It goes away when it is disposed of. */
export interface Spool extends AsyncDisposable {
  readonly path: string
  readonly store: ObjectStore
}

/** The first one of a process takes away what killed processes have left a day ago. */
export async function openSpool(): Promise<Spool> {
  swept ??= sweep()
  await swept
  const path = await mkdtemp(join(tmpdir(), PREFIX))
  const store = await openFileStore(path)
  return {
    path,
    store,
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]()
      await rm(path, { recursive: true, force: true })
    },
  }
}

/** Others may do the same at the same time, or own what lies there. */
async function sweep(): Promise<void> {
  const names = await readdir(tmpdir()).catch(() => [])
  for (const name of names.filter((each) => each.startsWith(PREFIX))) {
    const path = join(tmpdir(), name)
    const changedAtMs = await stat(path).then(
      ({ mtimeMs }) => mtimeMs,
      () => Number.POSITIVE_INFINITY,
    )
    if (Date.now() - changedAtMs > ABANDONED_MS) await rm(path, { recursive: true, force: true }).catch(() => {})
  }
}
