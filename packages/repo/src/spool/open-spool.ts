import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ObjectStore, openFileStore } from '@shardex/storage'

/** With the process that it is of, which may run for days: `shardex-spool-4711-x1y2z3`. */
const PREFIX = 'shardex-spool-'
/** The processes of other containers are not seen; few of them keep a spool for so long: it is of one shard. */
const ABANDONED_MS = 86_400_000
/** The number of a dead process is soon that of another: in a container it is always the same. */
const ABANDONED_BY_THE_LIVING_MS = 7 * 86_400_000

let swept: Promise<void> | undefined

/** A place for what has to wait on this machine's disk, in the folder for temporary files. It goes away when it is disposed of. */
export interface Spool extends AsyncDisposable {
  readonly path: string
  readonly store: ObjectStore
}

/** The first one of a process takes away what killed processes have left a day ago, or a week where their number is in use again. */
export async function openSpool(): Promise<Spool> {
  swept ??= sweep()
  await swept
  const path = await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`))
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
    const patienceMs = isInUse(name) ? ABANDONED_BY_THE_LIVING_MS : ABANDONED_MS
    if (Date.now() - changedAtMs > patienceMs) await rm(path, { recursive: true, force: true }).catch(() => {})
  }
}

function isInUse(name: string): boolean {
  const [, pid] = /^(\d{1,9})-/.exec(name.slice(PREFIX.length)) ?? []
  if (pid === undefined) return false
  try {
    return process.kill(Number(pid), 0) // asks, and ends nothing
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM' // of somebody else
  }
}
