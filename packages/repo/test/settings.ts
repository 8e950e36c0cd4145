import { LocalIndex } from '@shardex/index'
import type { Storage } from '@shardex/storage'
import { describe } from 'vitest'
import { describeS3, freshBucket, freshPrefix, redisUrl, tempDir } from '../../../test/services/index.ts'
import { type DataStore, LocalDiskStore, Repo, S3DataStore } from '../src/index.ts'

/** A registry and a store of a test's own. */
export interface Setting extends AsyncDisposable {
  readonly index: LocalIndex
  readonly store: DataStore
  readonly repo: Repo
  /** What the URLs of its objects begin with. */
  readonly root: string
  /** URLs of all objects in the store. */
  objects(): Promise<string[]>
  /** The bytes of an object, and writing others in their place behind the back of everybody. */
  read(url: string): Promise<Buffer>
  overwrite(url: string, bytes: Uint8Array): Promise<void>
  remove(url: string): Promise<void>
}

/** Run the same tests on SQLite and a directory, and on Redis and each S3 server of the run. */
export function describeSettings(name: string, tests: (open: () => Promise<Setting>) => void): void {
  describe(`${name} on SQLite and disk`, () => tests(openDisk))
  describeS3(`${name} on Redis and S3`, (server) =>
    tests(async () => {
      const bucket = await freshBucket(server)
      const credentials = {
        AWS_ENDPOINT: server.endpoint,
        AWS_ACCESS_KEY_ID: server.accessKeyId,
        AWS_SECRET_ACCESS_KEY: server.secretAccessKey,
      }
      const index = new LocalIndex({ redis: redisUrl(), keyPrefix: freshPrefix() })
      return setting(index, new S3DataStore({ credentials, bucket: bucket.name }), `s3://${bucket.name}/`, bucket)
    }),
  )
}

async function openDisk(): Promise<Setting> {
  const dir = await tempDir('repo')
  return setting(
    new LocalIndex({ path: dir.file('index.db') }),
    new LocalDiskStore({ root: dir.file('shards') }),
    `${dir.file('shards')}/`,
    dir,
  )
}

function setting(index: LocalIndex, store: DataStore, root: string, place: AsyncDisposable): Setting {
  const repo = new Repo({ index, store })
  const { storage } = store
  const at = (url: string) => storage.locate(url)
  return {
    index,
    store,
    repo,
    root,
    objects: () => listAll(storage, root),
    async read(url) {
      const { store: objects, key } = await at(url)
      const parts: Uint8Array[] = []
      for await (const chunk of (await objects.get(key))?.chunks ?? []) parts.push(chunk)
      return Buffer.concat(parts)
    },
    async overwrite(url, bytes) {
      const { store: objects, key } = await at(url)
      await objects.put(key, bytes)
    },
    async remove(url) {
      const { store: objects, key } = await at(url)
      await objects.delete(key)
    },
    async [Symbol.asyncDispose]() {
      await repo[Symbol.asyncDispose]()
      await store[Symbol.asyncDispose]()
      await index[Symbol.asyncDispose]()
      await place[Symbol.asyncDispose]()
    },
  }
}

async function listAll(storage: Storage, root: string): Promise<string[]> {
  const { store, key } = await storage.locate(`${root}x`)
  const prefix = key.slice(0, -1)
  const urls: string[] = []
  let cursor: string | undefined
  do {
    const page = await store.list(prefix, { cursor })
    urls.push(...page.objects.map((object) => store.urlOf(object.key)))
    cursor = page.cursor
  } while (cursor !== undefined)
  return urls
}
