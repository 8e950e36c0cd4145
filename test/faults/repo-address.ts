import { type FileLocation, LocalIndex } from '@shardex/index'
import { LocalDiskStore, Repo, S3DataStore } from '@shardex/repo'
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

/** The least that S3 allows, so that a sample of a few megabytes goes in parts. */
const PART_BYTES = 5 * 2 ** 20

export function openRepo({ registry, store: { root, s3Credentials, hivePath } }: RepoAddress): Repo & AsyncDisposable {
  const index = new LocalIndex(registry)
  const bucket = hivePath?.split('/')[0]
  const upload = { partBytes: PART_BYTES, wholeBytes: PART_BYTES }
  const store =
    bucket === undefined ? new LocalDiskStore({ root }) : new S3DataStore({ credentials: s3Credentials, bucket, upload })
  const repo = new Repo({ index, store, hivePath })
  const disposeRepo = repo[Symbol.asyncDispose].bind(repo)
  return Object.assign(repo, {
    async [Symbol.asyncDispose]() {
      await disposeRepo()
      await store[Symbol.asyncDispose]()
      await index[Symbol.asyncDispose]()
    },
  })
}
