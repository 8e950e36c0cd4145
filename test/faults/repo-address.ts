import { type FileLocation, LocalIndex } from '@shardex/index'
import { Repo } from '@shardex/repo'
import type { S3Credentials } from '@shardex/storage'

/** Where a registry and a store are, in words that another process understands. */
export interface RepoAddress {
  readonly registry: RegistryAddress
  readonly store: StoreAddress
}

export type RegistryAddress = FileLocation | { readonly redis: string; readonly keyPrefix: string }

export interface StoreAddress {
  readonly root?: string | undefined
  readonly s3Credentials?: S3Credentials | undefined
  readonly hivePath?: string | undefined
}

export function openRepo({ registry, store }: RepoAddress): Repo & AsyncDisposable {
  const index = new LocalIndex(registry)
  const repo = new Repo({ index, ...store })
  const disposeRepo = repo[Symbol.asyncDispose].bind(repo)
  return Object.assign(repo, {
    async [Symbol.asyncDispose]() {
      await disposeRepo()
      await index[Symbol.asyncDispose]()
    },
  })
}
