import { isShardexError } from '@shardex/errors'
import type { ShardDescription } from '@shardex/index'
import { type ObjectStore, openFileStore } from '@shardex/storage'
import { expect, test, vi } from 'vitest'
import { tempDir } from '../../../test/services/index.ts'
import { INDEX_SUFFIX } from '../src/shard/offset-index.ts'
import { ContentPlacement } from '../src/write/by-content.ts'
import { SequencePlacement } from '../src/write/in-sequence.ts'
import type { ShardJournal } from '../src/write/placement.ts'
import { writeOrUndo } from '../src/write/write-shards.ts'
import { Image, image, images, Tiny, tinies } from './images.ts'
import { refused } from './outcomes.ts'

const keyOf = (shard: number) => `shard-${shard}.tar`

/** A store that lets the event loop turn before it takes each chunk, and tells what it sees. */
function watched(
  store: ObjectStore,
  see: { begun?: (key: string) => void; took?: (bytes: number) => void; ended?: (key: string) => void },
): ObjectStore {
  return {
    ...store,
    async put(key, body, options) {
      see.begun?.(key)
      const slowly = async function* (chunks: AsyncIterable<Uint8Array>) {
        for await (const chunk of chunks) {
          for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
          see.took?.(chunk.length)
          yield chunk
        }
      }
      const head = await store.put(key, body instanceof Uint8Array ? body : slowly(body), options)
      see.ended?.(key)
      return head
    },
  }
}

test('several shards are on their way at once, and no more than asked for', async () => {
  await using dir = await tempDir()
  await using store = await openFileStore(dir.path)
  for (const parallelShards of [1, 3]) {
    let most = 0
    const now = new Set<string>()
    const see = {
      begun(key: string) {
        if (!key.endsWith(INDEX_SUFFIX)) most = Math.max(most, now.add(key).size)
      },
      ended(key: string) {
        now.delete(key)
      },
    }
    const options = { maxcount: 10, parallelShards }
    await writeOrUndo(
      new SequencePlacement({ store: watched(store, see), keyOf: (shard) => `p${parallelShards}-${shard}` }),
      Image,
      images(100, 20_000),
      options,
    )
    expect(most).toBe(parallelShards)
  }
})

test('a registry that is slow to note shards holds up an insert only when it is far behind', async () => {
  await using dir = await tempDir()
  await using store = await openFileStore(dir.path)
  let [noting, most] = [0, 0]
  const three = Promise.withResolvers<void>()
  const journal: ShardJournal = {
    ingestId: 'x',
    noted: new Map(),
    async note() {
      most = Math.max(most, ++noting)
      if (noting === 3) three.resolve()
      await three.promise
      noting -= 1
      return []
    },
  }
  const placement = new SequencePlacement({ store: watched(store, {}), keyOf, journal })
  const written = await writeOrUndo(placement, Image, images(100, 20_000), { maxcount: 10, parallelShards: 1 })
  expect([written.length, most, noting]).toEqual([10, 3, 0])
})

test('samples are taken no faster than a slow store takes the bytes', async () => {
  await using dir = await tempDir()
  await using store = await openFileStore(dir.path)
  let taken = 0
  let most = 0
  const samples = function* () {
    let made = 0
    for (const sample of images(150, 40_000)) {
      made += sample.pixels.bytes.length
      most = Math.max(most, made - taken)
      yield sample
    }
  }
  const see = {
    took(bytes: number) {
      taken += bytes
    },
  }
  const [shard] = await writeOrUndo(new SequencePlacement({ store: watched(store, see), keyOf }), Image, samples())
  expect(shard?.sizeBytes).toBeGreaterThan(70_000_000)
  expect(most).toBeLessThan(16_000_000)
})

test('inserts one after another take no more memory than one', async () => {
  await using dir = await tempDir()
  await using store = await openFileStore(dir.path)
  const taken = new Set<ArrayBufferLike>()
  const noting: ObjectStore = {
    ...store,
    put(key, body, options) {
      const noted = async function* (chunks: AsyncIterable<Uint8Array>) {
        for await (const chunk of chunks) {
          taken.add(chunk.buffer)
          yield chunk
        }
      }
      return store.put(key, body instanceof Uint8Array ? body : noted(body), options)
    },
  }
  const picture = image(0, 100_000)
  const pictures = Array.from({ length: 12 }, () => picture)
  for (let insert = 0; insert < 5; insert++)
    await writeOrUndo(new SequencePlacement({ store: noting, keyOf: (shard) => `${insert}-${shard}` }), Image, pictures)
  expect(taken.size).toBeLessThanOrEqual(12)
})

test('an object that is there already is neither overwritten nor removed', async () => {
  await using dir = await tempDir()
  await using store = await openFileStore(dir.path)
  await store.put('shard-1.tar', Buffer.from('of somebody else'))
  const error = await refused(writeOrUndo(new SequencePlacement({ store, keyOf }), Tiny, tinies(30), { maxcount: 10 }))
  expect(isShardexError(error, 'storage.exists')).toBe(true)
  const { objects } = await store.list('')
  expect(objects.map(({ key, sizeBytes }) => [key, sizeBytes])).toEqual([['shard-1.tar', 16]])
})

test('an abort ends the writing although the source is silent for ever', async () => {
  await using dir = await tempDir()
  await using store = await openFileStore(dir.path)
  const controller = new AbortController()
  const reason = new Error('enough')
  const silent = async function* () {
    yield* tinies(20)
    controller.abort(reason)
    await new Promise(() => {})
  }
  expect(
    await refused(
      writeOrUndo(new SequencePlacement({ store, keyOf }), Tiny, silent(), { maxcount: 10, signal: controller.signal }),
    ),
  ).toBe(reason)
  expect((await store.list('')).objects).toEqual([])
})

test('a store that fails is told although the source is silent for ever', async () => {
  await using dir = await tempDir()
  await using store = await openFileStore(dir.path)
  const broken = new Error('the disk came off')
  const failing: ObjectStore = { ...store, put: () => Promise.reject(broken) }
  const silent = async function* () {
    yield* tinies(20)
    await new Promise(() => {})
  }
  expect(await refused(writeOrUndo(new SequencePlacement({ store: failing, keyOf }), Tiny, silent(), { maxcount: 10 }))).toBe(
    broken,
  )
})

test.each([
  ['null', [null]],
  ['a number', [7]],
])('%s is no sample, and it is said which one it is', async (_, samples) => {
  await using dir = await tempDir()
  await using store = await openFileStore(dir.path)
  const error = await refused(
    writeOrUndo(new SequencePlacement({ store, keyOf }), Tiny, [...tinies(3), ...(samples as unknown[] as object[])]),
  )
  expect(isShardexError(error, 'sample.invalid') && error.details.sample).toBe('000000003')
  await expect(writeOrUndo(new SequencePlacement({ store, keyOf }), Tiny, 'abc' as never)).rejects.toThrow(
    /iterable of objects, found "abc"/,
  )
})

/** Some twenty chunks: more than the pool has. */
const large = () => images(100, 20_000)

test('a shard that cannot be looked up is an error, and not a wait for ever', async () => {
  await using dir = await tempDir()
  await using store = await openFileStore(dir.path)
  const away = new Error('away')
  const blind: ObjectStore = {
    ...store,
    async head() {
      for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve)) // until all chunks are taken
      throw away
    },
  }
  const noted = new Map([[0, {} as ShardDescription]])
  const journal = { ingestId: 'i', noted, note: async () => [] }
  expect(await refused(writeOrUndo(new SequencePlacement({ store: blind, keyOf, journal }), Image, large()))).toBe(away)
})

test('a missing folder for temporary files is an error, and not a wait for ever', async () => {
  await using dir = await tempDir()
  await using store = await openFileStore(dir.path)
  vi.stubEnv('TMPDIR', dir.file('missing'))
  try {
    const journal = { ingestId: 'i', noted: new Map(), note: async () => [] }
    const error = await refused(writeOrUndo(new ContentPlacement({ store, base: 'b/', journal }), Image, large()))
    expect(error).toMatchObject({ code: 'ENOENT' })
  } finally {
    vi.unstubAllEnvs()
  }
})

test('a shard by content that cannot be stored is told when its offset index is on its way no more', async () => {
  await using dir = await tempDir()
  await using store = await openFileStore(dir.path)
  const broken = new Error('the disk came off')
  const [indexBegun, indexHeld] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const failing: ObjectStore = {
    ...store,
    async put(key, body, options) {
      if (key.endsWith(INDEX_SUFFIX)) {
        indexBegun.resolve()
        await indexHeld.promise
        return store.put(key, body, options)
      }
      await indexBegun.promise
      throw broken
    },
  }
  const journal: ShardJournal = { ingestId: 'x', noted: new Map(), note: async () => [] }
  const told = refused(writeOrUndo(new ContentPlacement({ store: failing, base: 'b/', journal }), Tiny, tinies(3)))
  await indexBegun.promise
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
  indexHeld.resolve()
  expect(await told).toBe(broken)
  expect((await store.list('')).objects).toHaveLength(1)
})

test('an abort is heard in the middle of a source that never waits', async () => {
  await using dir = await tempDir()
  await using store = await openFileStore(dir.path)
  let made = 0
  const busy = function* () {
    for (const sample of tinies(5_000)) {
      for (const until = performance.now() + 1; performance.now() < until; );
      made += 1
      yield sample
    }
  }
  const controller = new AbortController()
  setTimeout(() => controller.abort(new Error('enough')), 20)
  const placement = new SequencePlacement({ store, keyOf })
  await expect(writeOrUndo(placement, Tiny, busy(), { signal: controller.signal })).rejects.toThrow('enough')
  expect(made).toBeLessThan(5_000)
})

test('what arrives after an abort is waited for, and deleted', async () => {
  await using dir = await tempDir()
  await using store = await openFileStore(dir.path)
  const controller = new AbortController()
  const arrived = Promise.withResolvers<void>()
  const slow: ObjectStore = {
    ...store,
    async put(key, body, options) {
      const chunks: Uint8Array[] = []
      if (!(body instanceof Uint8Array)) for await (const chunk of body) chunks.push(chunk.slice())
      controller.abort(new Error('enough')) // the body is complete, the shard not hashed yet
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
      return store.put(key, Buffer.concat(chunks), options).finally(arrived.resolve)
    },
  }
  const placement = new SequencePlacement({ store: slow, keyOf })
  await expect(writeOrUndo(placement, Image, images(30, 20_000), { signal: controller.signal })).rejects.toThrow('enough')
  await arrived.promise
  expect((await store.list('')).objects).toEqual([])
})
