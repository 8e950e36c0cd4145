import { mkdir, readdir, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { tempDir } from '../../../test/services/index.ts'
import { bytesFrom, bytesOf, sameBytes } from '../src/testing/bytes.ts'
import { codeOf } from '../src/testing/store-under-test.ts'
import { PATIENCE } from './behind.ts'
import { filePlace } from './places.ts'

/** Time goes on only when a test says so. */
const holdTime = () => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })

afterEach(() => {
  vi.useRealTimers()
})

describe('files that a directory as a store keeps open', () => {
  test.runIf(process.platform === 'linux')(
    'are open once for all readers, and closed when the store is disposed of',
    async () => {
      holdTime()
      await using place = await filePlace()
      await place.store.put('object', bytesOf(100))
      const read = (start: number) => readRange(place, 'object', start, start + 10)
      await Promise.all([read(0), read(40), read(20)])
      expect(await openBelow(place.path)).toEqual(['object'])
      expect(await read(90)).toEqual(bytesOf(100).subarray(90))
      await place.store[Symbol.asyncDispose]()
      expect(await openBelow(place.path)).toEqual([])
    },
  )

  test.runIf(process.platform === 'linux')(
    'are closed a while after they were read, and at once when they are deleted',
    async () => {
      holdTime()
      await using place = await filePlace()
      for (const key of ['deleted', 'forgotten']) {
        await place.store.put(key, bytesOf(100))
        await readRange(place, key, 0, 10)
      }
      await place.store.delete('deleted')
      await expect.poll(() => openBelow(place.path), PATIENCE).toEqual(['forgotten'])
      vi.advanceTimersByTime(900)
      expect(await openBelow(place.path)).toEqual(['forgotten'])
      vi.advanceTimersByTime(200)
      await expect.poll(() => openBelow(place.path), PATIENCE).toEqual([])
    },
  )

  test.runIf(process.platform === 'linux')('are not more than some hundreds, however many are read', async () => {
    holdTime()
    await using place = await filePlace()
    const keys = Array.from({ length: 300 }, (_, i) => `object-${i}`)
    await mkdir(place.path)
    for (const key of keys) await writeFile(join(place.path, key), bytesOf(10))
    for (const key of keys) await readRange(place, key, 0, 10)
    await expect.poll(async () => (await openBelow(place.path)).length, PATIENCE).toBe(256)
  })

  test('are finished by who reads them when the store is disposed of', async () => {
    await using place = await filePlace()
    await place.store.put('object', bytesOf(3 * 2 ** 20))
    const found: Uint8Array[] = []
    for await (const chunk of (await place.store.get('object'))!.chunks) {
      found.push(chunk)
      await place.store[Symbol.asyncDispose]()
    }
    expect(sameBytes(Buffer.concat(found), bytesOf(3 * 2 ** 20))).toBe(true)
    if (process.platform === 'linux') await expect.poll(() => openBelow(place.path), PATIENCE).toEqual([])
  })

  test('are not given for what has taken their place', async () => {
    await using place = await filePlace()
    const path = join(place.path, 'object')
    await place.store.put('object', bytesOf(100, 1))
    await readRange(place, 'object', 0, 100)
    await writeFile(`${path}.new`, bytesOf(100, 2))
    await rename(`${path}.new`, path)
    expect(await readRange(place, 'object', 0, 100)).toEqual(bytesOf(100, 2))
    await writeFile(path, bytesOf(50, 3))
    expect(await readRange(place, 'object', 0, 50)).toEqual(bytesOf(50, 3))
    await rm(path)
    expect(await place.store.get('object')).toBeUndefined()
  })

  test('do not lead out of the root when a link takes their place', async () => {
    await using outside = await tempDir('outside')
    await writeFile(outside.file('secret'), bytesOf(100))
    await using place = await filePlace()
    await place.store.put('object', bytesOf(100))
    await readRange(place, 'object', 0, 100)
    await rm(join(place.path, 'object'))
    await symlink(outside.file('secret'), join(place.path, 'object'))
    expect(await codeOf(place.store.get('object'))).toBe('path.outside_root')
  })
})

type Place = Awaited<ReturnType<typeof filePlace>>

async function readRange({ store }: Place, key: string, start: number, end: number): Promise<Uint8Array> {
  return (await bytesFrom(await store.get(key, { range: { start, end } })))!
}

/** The files below a directory that this process has open, by name. */
async function openBelow(directory: string): Promise<string[]> {
  const links = (await readdir('/proc/self/fd')).map((fd) => readlink(join('/proc/self/fd', fd)).catch(() => ''))
  const open = (await Promise.all(links)).filter((path) => path.startsWith(`${directory}/`))
  return open.map((path) => path.slice(directory.length + 1)).sort()
}
