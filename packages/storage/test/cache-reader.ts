/**
 * A process that reads objects of a store through a cache, all of them again and again, and holds each against its digest:
 * `cache-reader.ts '{"store": …, "cache": …, "objects": [[key, sha256, size], …], "rounds": 3}'`. It prints a line when half of the first is read.
 */
import { createHash } from 'node:crypto'
import { openHttpStore, openS3Store, type S3Options } from '@shardex/storage'
import type { CacheOptions } from '../src/cache/cache-options.ts'
import { withCache } from '../src/cache/with-cache.ts'

export interface ReaderTask {
  readonly store: { readonly http: string } | { readonly s3: S3Options }
  readonly cache: CacheOptions
  readonly objects: readonly (readonly [key: string, sha256: string, sizeBytes: number])[]
  readonly rounds: number
}

const { store: place, cache, objects, rounds } = JSON.parse(process.argv[2] ?? '') as ReaderTask
const origin = 'http' in place ? await openHttpStore(place.http, { retry: { baseDelayMs: 1 } }) : await openS3Store(place.s3)
await using store = withCache(origin, cache)
let readBytes = 0
for (let round = 0; round < rounds; round++) {
  // Each process in an order of its own.
  for (let i = 0; i < objects.length; i++) {
    const [key, sha256, sizeBytes] = objects[(i * (1 + (process.pid % 7)) + round) % objects.length]!
    const hash = createHash('sha256')
    for await (const chunk of (await store.get(key, { sha256 }))?.chunks ?? []) {
      hash.update(chunk)
      const before = readBytes
      readBytes += chunk.length
      if (before < sizeBytes / 2 && readBytes >= sizeBytes / 2) process.stdout.write('half\n')
    }
    if (hash.digest('hex') !== sha256) throw new Error(`wrong bytes of ${key}`)
  }
}
