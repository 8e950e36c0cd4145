import { LocalIndex } from '@shardex/index'
import { Repo } from '@shardex/repo'
import type { Config } from './config.ts'

/** The registry and the store of a command, each opened when it is first asked for. */
export interface Workspace extends AsyncDisposable {
  readonly index: LocalIndex
  readonly repo: Repo
}

export function openWorkspace({ registry, store }: Config): Workspace {
  const opened = new AsyncDisposableStack()
  let index: LocalIndex | undefined
  let repo: Repo | undefined
  return {
    get index() {
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
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}
