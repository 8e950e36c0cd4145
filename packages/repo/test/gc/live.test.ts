import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { LocalIndex } from '@shardex/index'
import { describe, expect, test } from 'vitest'
import { describeS3, freshBucket, freshPrefix, redisUrl, tempDir } from '../../../../test/services/index.ts'
import { collectGarbage, type DataStore, LocalDiskStore, S3DataStore } from '../../src/index.ts'
import type { LivePlace } from './live-place.ts'
import { withIndexes } from './writers.ts'

const WRITER = fileURLToPath(new URL('./live-writer.ts', import.meta.url))
const ROUNDS = 25

describe('a collector without grace beside a process that inserts and purges', () => {
  test('takes nothing that is needed on SQLite and disk', async () => {
    await using dir = await tempDir('gc')
    const place: LivePlace = { index: { path: dir.file('index.db') }, disk: { root: dir.file('data') } }
    await using store = new LocalDiskStore(place.disk)
    await expectNothingLost(place, store, `${dir.file('data')}/`)
  }, 300_000)

  describeS3('and', (server) => {
    test('takes nothing that is needed on Redis and S3', async () => {
      await using bucket = await freshBucket(server)
      const credentials = {
        AWS_ENDPOINT: server.endpoint,
        AWS_ACCESS_KEY_ID: server.accessKeyId,
        AWS_SECRET_ACCESS_KEY: server.secretAccessKey,
      }
      const place: LivePlace = {
        index: { redis: redisUrl(), keyPrefix: freshPrefix() },
        s3: { credentials, bucket: bucket.name },
      }
      await using store = new S3DataStore({ credentials, bucket: bucket.name })
      await expectNothingLost(place, store, `s3://${bucket.name}/`)
    }, 300_000)
  })
})

async function expectNothingLost(place: LivePlace, store: DataStore, root: string): Promise<void> {
  await using index = new LocalIndex(place.index)
  const collect = () => collectGarbage({ index, storage: store.storage, graceMs: 0, resumableMs: 0 })
  const args = ['--conditions=@shardex/source', WRITER, JSON.stringify(place), String(ROUNDS)]
  let isWriting = true
  const writer = promisify(execFile)(process.execPath, args)
  const written = writer.finally(() => {
    isWriting = false
  })
  written.catch(() => {})
  let deleted = 0
  try {
    while (isWriting) {
      const report = await collect()
      expect(report.problems).toEqual([])
      deleted += report.deleted.objects
      if (deleted > 0) writer.child.stdin?.end() // a slow collector is waited for
    }
  } finally {
    writer.child.stdin?.end()
  }
  await written
  expect(deleted).toBeGreaterThan(0)
  for (const _ of [1, 2]) await collect()
  const needed: string[] = []
  for await (const { shards = [] } of index.entries) {
    for (const { url, sha256, indexSha256 } of shards) {
      needed.push(...withIndexes([url]))
      expect([await digestOf(store, url), await digestOf(store, `${url}.idx`)]).toEqual([sha256, indexSha256])
    }
  }
  const { store: objects, key } = await store.storage.locate(`${root}x`)
  const { objects: left } = await objects.list(key.slice(0, -1))
  expect(left.map((object) => objects.urlOf(object.key)).sort()).toEqual([...new Set(needed)].sort())
}

async function digestOf({ storage }: DataStore, url: string): Promise<string> {
  const { store, key } = await storage.locate(url)
  const hash = createHash('sha256')
  for await (const chunk of (await store.get(key))?.chunks ?? []) hash.update(chunk)
  return hash.digest('hex')
}
