import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { bytesFrom, bytesOf, inChunks, sameBytes } from './bytes.ts'
import { type OpenStore, rejection, type StoreUnderTest } from './store-under-test.ts'

const MIB = 2 ** 20

export function testStopping(open: OpenStore): void {
  describe('a put that does not end well', () => {
    test.each([1, 3 * MIB, 14 * MIB])('leaves nothing behind when its source fails after %i bytes', async (sizeBytes) => {
      await using place = await open()
      const mistake = new Error('the source failed')
      async function* failing(): AsyncGenerator<Uint8Array> {
        yield* inChunks(bytesOf(sizeBytes), 100_000)
        throw mistake
      }
      expect(await rejection(place.store.put('dir/failed', failing()))).toBe(mistake)
      await expectNothing(place, 'dir/failed')
    })

    test('passes an error of the source on as it is, even one of a file system', async () => {
      await using place = await open()
      const mistake = Object.assign(new Error('no space left on the device of the source'), { code: 'ENOSPC' })
      async function* failing(): AsyncGenerator<Uint8Array> {
        yield Uint8Array.of(1)
        throw mistake
      }
      expect(await rejection(place.store.put('failed', failing()))).toBe(mistake)
    })

    test.each([0, 1, 12])('leaves nothing behind when it is aborted after %i MiB', async (sizeMib) => {
      await using place = await open()
      const stop = new AbortController()
      const reason = new Error('changed my mind')
      let isClosed = false
      async function* aborting(): AsyncGenerator<Uint8Array> {
        try {
          for (let i = 0; ; i++) {
            if (i === sizeMib) stop.abort(reason)
            yield bytesOf(MIB, i)
          }
        } finally {
          isClosed = true
        }
      }
      expect(await rejection(place.store.put('dir/aborted', aborting(), { signal: stop.signal }))).toBe(reason)
      expect(isClosed).toBe(true)
      await expectNothing(place, 'dir/aborted')
    })

    test('ends at once when it is aborted while its source is silent', async () => {
      await using place = await open()
      const stop = new AbortController()
      const reason = new Error('waited long enough')
      const silence = Promise.withResolvers<Uint8Array>()
      const isWaiting = Promise.withResolvers<void>()
      async function* silent(): AsyncGenerator<Uint8Array> {
        yield bytesOf(12 * MIB)
        isWaiting.resolve()
        yield await silence.promise
      }
      const put = rejection(place.store.put('dir/silent', silent(), { signal: stop.signal }))
      await isWaiting.promise
      stop.abort(reason)
      expect(await put).toBe(reason)
      await expectNothing(place, 'dir/silent')
      silence.resolve(new Uint8Array())
    })

    test('does nothing when it was aborted before', async () => {
      await using place = await open()
      const reason = new Error('never mind')
      expect(await rejection(place.store.put('dir/x', bytesOf(10), { signal: AbortSignal.abort(reason) }))).toBe(reason)
      await expectNothing(place, 'dir/x')
    })

    test('leaves the object that was there before', async () => {
      await using place = await open()
      const before = bytesOf(1000, 1)
      await place.store.put('kept', before)
      async function* failing(): AsyncGenerator<Uint8Array> {
        yield* inChunks(bytesOf(12 * MIB), MIB)
        throw new Error('the source failed')
      }
      await rejection(place.store.put('kept', failing()))
      expect(sameBytes(await bytesFrom(await place.store.get('kept')), before)).toBe(true)
      expect((await place.leftovers?.()) ?? []).toEqual([])
    })
  })

  test('a put takes no more from its source than it can hold', async () => {
    await using place = await open()
    let takenBytes = 0
    let sentBytes = 0
    let mostHeldBytes = 0
    async function* counting(): AsyncGenerator<Uint8Array> {
      const chunk = bytesOf(MIB)
      for (let i = 0; i < 100; i++) {
        takenBytes += chunk.length
        mostHeldBytes = Math.max(mostHeldBytes, takenBytes - sentBytes)
        yield chunk
        await turn()
      }
    }
    await place.store.put('counted', counting(), {
      onProgress: (sent) => {
        sentBytes = sent
      },
    })
    // Four parts of 5 MiB on the way, one being filled, one about to be.
    expect(mostHeldBytes).toBeLessThanOrEqual(31 * MIB)
  })

  test('sweep removes only leftovers, and only old ones', async () => {
    await using place = await open()
    await place.store.put('kept/object', bytesOf(10))
    const isWaiting = Promise.withResolvers<void>()
    const goOn = Promise.withResolvers<void>()
    async function* slow(): AsyncGenerator<Uint8Array> {
      yield bytesOf(12 * MIB)
      isWaiting.resolve()
      await goOn.promise
    }
    const put = rejection(place.store.put('kept/slow', slow()))
    await isWaiting.promise
    if (place.leftovers) await untilSome(place.leftovers)

    expect(await place.store.sweep('kept/', { olderThanMs: 3_600_000 })).toBe(0)
    expect(await place.store.sweep('elsewhere/', { olderThanMs: -60_000 })).toBe(0)
    expect(await place.store.sweep('kept/other', { olderThanMs: -60_000 })).toBe(0)
    expect(await place.store.sweep('kept/', { olderThanMs: -60_000, only: (key) => key !== 'kept/slow' })).toBe(0)
    expect(await place.store.sweep('kept/sl', { olderThanMs: -60_000, only: (key) => key === 'kept/slow' })).toBe(1)

    goOn.resolve()
    expect(await put).not.toBe('no error')
    expect(await place.store.head('kept/object')).toBeDefined()
    expect(await place.store.head('kept/slow')).toBeUndefined()
    expect((await place.leftovers?.()) ?? []).toEqual([])
  })
}

async function untilSome(leftovers: () => Promise<readonly string[]>): Promise<void> {
  while ((await leftovers()).length === 0) await turn()
}

async function expectNothing(place: StoreUnderTest, key: string): Promise<void> {
  expect(await place.store.head(key)).toBeUndefined()
  expect((await place.leftovers?.()) ?? []).toEqual([])
}
