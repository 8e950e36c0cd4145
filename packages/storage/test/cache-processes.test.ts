import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Stats } from 'node:fs'
import { mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { openHttpStore } from '@shardex/storage'
import { serveDirectory } from '@shardex/storage/testing'
import { describe, expect, test } from 'vitest'
import { openSmallDisk, SKIPS_FULL_DISK } from '../../../test/faults/small-disk.ts'
import { describeS3, tempDir } from '../../../test/services/index.ts'
import { withCache } from '../src/cache/with-cache.ts'
import { bytesFrom, bytesOf, sameBytes } from '../src/testing/bytes.ts'
import type { ReaderTask } from './cache-reader.ts'
import { sha256Of } from './cached-place.ts'
import { BRISK, credentialsOf, s3Place } from './places.ts'

const READER = fileURLToPath(new URL('./cache-reader.ts', import.meta.url))
const MIB = 2 ** 20
const OBJECTS = Array.from({ length: 12 }, (_, i) => ({ key: `shard-${i}`, bytes: bytesOf(MIB + i * 77_777, i) }))
const LISTED = OBJECTS.map(({ key, bytes }) => [key, sha256Of(bytes), bytes.length] as const)

function startReader(task: ReaderTask): ChildProcess {
  const args = ['--conditions=@shardex/source', READER, JSON.stringify(task)]
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
}

/** Every file that has the name of an object is that object. */
async function expectAllWhole(dir: string): Promise<void> {
  for (const name of await readdir(dir)) {
    if (name.startsWith('filling-')) continue
    const [, , sizeBytes = 0] = LISTED.find(([, sha256]) => sha256 === name) ?? []
    expect(sha256Of((await readFile(`${dir}/${name}`)).subarray(0, sizeBytes))).toBe(name)
  }
}

/** What files take that are all there at one moment, at least so much each. */
async function usedBytes(dir: string): Promise<number> {
  const sizes = new Map<string, number>()
  const names = await readdir(dir).catch(() => [])
  const look = (name: string) => stat(`${dir}/${name}`).catch(() => undefined)
  for (const stats of await Promise.all(names.map(look)))
    if (stats !== undefined) sizes.set(identityOf(stats), Math.min(stats.size, stats.blocks * 512))
  const after = await readdir(dir).catch(() => [])
  const stillThere = new Set((await Promise.all(after.map(look))).map((stats) => stats && identityOf(stats)))
  let used = 0
  for (const [identity, bytes] of sizes) if (stillThere.has(identity)) used += bytes
  return used
}

/** A new file may have the inode of one that has just been removed. */
function identityOf({ ino, birthtimeMs }: Stats): string {
  return `${ino} ${birthtimeMs}`
}

async function expectReaders(store: ReaderTask['store'], dir: string): Promise<void> {
  const maxBytes = 6 * MIB
  const readers = [0, 1, 2].map(() => startReader({ store, cache: { dir, maxBytes, fillAfter: 0 }, objects: LISTED, rounds: 4 }))
  const ended = Promise.all(readers.map(async (reader) => (await once(reader, 'exit'))[0] as unknown))
  let isRunning = true
  void ended.finally(() => {
    isRunning = false
  })
  let most = 0
  while (isRunning) most = Math.max(most, await usedBytes(dir))
  expect(await ended).toEqual([0, 0, 0])
  expect(most).toBeLessThanOrEqual(maxBytes)
  expect(most).toBeGreaterThan(maxBytes / 2)
  await expectAllWhole(dir)
  expect((await readdir(dir)).filter((name) => name.startsWith('filling-'))).toEqual([])
}

describe('processes that share a cache', () => {
  test('read what is right and never take more room together than there is, from a web server', async () => {
    await using dir = await tempDir('cache')
    await mkdir(dir.file('web'))
    for (const { key, bytes } of OBJECTS) await writeFile(dir.file('web', key), bytes)
    await using server = await serveDirectory(dir.file('web'))
    await expectReaders({ http: server.url }, dir.file('cache'))
  })

  describeS3('and', (server) => {
    test('the same from a bucket', async () => {
      await using dir = await tempDir('cache')
      await using place = await s3Place(server)
      for (const { key, bytes } of OBJECTS) await place.store.put(key, bytes)
      await expectReaders({ s3: { bucket: place.bucket, credentials: credentialsOf(server), ...BRISK } }, dir.file('cache'))
    })
  })

  test('may be killed in the middle of filling: what they leave is never read, and is removed', async () => {
    await using dir = await tempDir('cache')
    const [bytes] = [bytesOf(8 * MIB, 99)]
    const sha256 = sha256Of(bytes)
    await using half = await serveHalf(bytes)
    const cache = { dir: dir.file('cache'), maxBytes: 20 * MIB }
    const objects = [['a', sha256, bytes.length]] as const
    const reader = startReader({ store: { http: half.url }, cache, objects, rounds: 1 })
    await once(reader.stdout!, 'data') // half of it
    reader.kill('SIGKILL')
    await once(reader, 'exit')
    const left = await readdir(cache.dir)
    expect(left).toEqual([expect.stringMatching(`^filling-${sha256}-`)])
    half.goOn()
    await using store = withCache(await openHttpStore(half.url), { ...cache, onProblem: () => {} })
    // Somebody may still be writing it, so it is not filled a second time; but it is read.
    expect(sameBytes(await bytesFrom(await store.get('a', { sha256 })), bytes)).toBe(true)
    expect(await readdir(cache.dir)).toEqual(left)
    const longAgo = new Date(Date.now() - 3_600_000)
    await utimes(`${cache.dir}/${left[0]}`, longAgo, longAgo)
    await using next = withCache(await openHttpStore(half.url), cache)
    expect(sameBytes(await bytesFrom(await next.get('a', { sha256 })), bytes)).toBe(true)
    expect(await readdir(cache.dir)).toEqual([sha256])
  })

  test('may be killed at any moment: no file is ever half an object', async () => {
    await using dir = await tempDir('cache')
    await mkdir(dir.file('web'))
    for (const { key, bytes } of OBJECTS) await writeFile(dir.file('web', key), bytes)
    await using server = await serveDirectory(dir.file('web'))
    const task = {
      store: { http: server.url },
      cache: { dir: dir.file('cache'), maxBytes: 8 * MIB },
      objects: LISTED,
      rounds: 1000,
    }
    for (let killed = 0; killed < 6; killed++) {
      const reader = startReader(task)
      await once(reader.stdout!, 'data')
      // So many times round the loop, not so many milliseconds: the more it has done, the later it dies.
      for (let turn = 0; turn < killed * 40; turn++) await stat(dir.path)
      reader.kill('SIGKILL')
      await once(reader, 'exit')
      await expectAllWhole(dir.file('cache'))
    }
  })

  test.skipIf(SKIPS_FULL_DISK)('read on when the disk is full, and cache again when it is not', async () => {
    await using disk = await openSmallDisk(16 * MIB)
    await using dir = await tempDir('web')
    const bytes = bytesOf(8 * MIB, 5)
    const sha256 = sha256Of(bytes)
    await writeFile(dir.file('a'), bytes)
    await using server = await serveDirectory(dir.path)
    const problems: unknown[] = []
    const options = { dir: disk.dir.file('cache'), maxBytes: 2 ** 30, onProblem: (error: unknown) => void problems.push(error) }
    await disk.fill(3 * MIB)
    await using store = withCache(await openHttpStore(server.url), options)
    for (let i = 0; i < 2; i++) expect(sameBytes(await bytesFrom(await store.get('a', { sha256 })), bytes)).toBe(true)
    expect(problems).toEqual([expect.objectContaining({ code: 'storage.full' })])
    expect(await readdir(options.dir)).toEqual([])
    await disk.empty()
    await using later = withCache(await openHttpStore(server.url), options)
    expect(sameBytes(await bytesFrom(await later.get('a', { sha256 })), bytes)).toBe(true)
    expect(await readdir(options.dir)).toEqual([sha256])
  })
})

/** A web server that stops in the middle of everything until it is told to go on. */
async function serveHalf(bytes: Uint8Array): Promise<AsyncDisposable & { readonly url: string; goOn(): void }> {
  let isGoing = false
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-length': bytes.length })
    if (isGoing) response.end(bytes)
    else response.write(bytes.subarray(0, bytes.length / 2 + 1))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    goOn() {
      isGoing = true
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}
