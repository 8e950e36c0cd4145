import { existsSync } from 'node:fs'
import type { AtmosphereIndex } from '@shardex/atproto-bridge'
import { ShardexError } from '@shardex/errors'
import { LocalIndex } from '@shardex/index'
import { Repo } from '@shardex/repo'
import type { Config } from './config.ts'

/** The registry and the store of a command, each opened when it is first asked for. */
export interface Workspace extends AsyncDisposable {
  readonly index: LocalIndex
  readonly repo: Repo
  /** What others have published; loaded only when it is asked for. */
  atmosphere(): Promise<AtmosphereIndex>
}

/** @param mayStart whether a registry file that is not there is made, or its absence thrown as `storage.not_found` by `index` */
export function openWorkspace({ registry, store, atmosphere: identity }: Config, { mayStart }: { mayStart: boolean }): Workspace {
  const opened = new AsyncDisposableStack()
  let index: LocalIndex | undefined
  let repo: Repo | undefined
  let atmosphere: AtmosphereIndex | undefined
  return {
    get index() {
      if (index === undefined && registry.kind === 'sqlite' && !mayStart) assertThere(registry.path)
      index ??= opened.use(
        registry.kind === 'redis'
          ? new LocalIndex({ redis: registry.url, keyPrefix: registry.keyPrefix })
          : new LocalIndex({ path: registry.path }),
      )
      return index
    },
    get repo() {
      repo ??= opened.use(
        store.kind === 's3'
          ? new Repo({ index: this.index, s3Credentials: store.credentials, hivePath: `${store.bucket}/${store.prefix}` })
          : new Repo({ index: this.index, root: store.root }),
      )
      return repo
    },
    async atmosphere() {
      const { AtmosphereIndex } = await import('@shardex/atproto-bridge')
      // Only what this command line was given for its own store: a record of a stranger shall not choose among more.
      const s3 = store.kind === 's3' ? store.credentials : undefined
      atmosphere ??= opened.use(new AtmosphereIndex({ ...identity, s3 }))
      return atmosphere
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}

function assertThere(path: string): void {
  if (existsSync(path)) return
  const message = `there is no registry at ${path}; check --home and --db, or start one: \`shardex insert PATH --name NAME\``
  throw new ShardexError('storage.not_found', { url: path }, { message })
}
