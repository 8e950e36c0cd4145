import { execFileSync } from 'node:child_process'
import { chmod, mkdir, readdir, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isShardexError } from '@shardex/errors'
import { openFileStore } from '@shardex/storage'
import { describe, expect, test } from 'vitest'
import { tempDir, watchSyncs } from '../../../test/services/index.ts'
import { storageErrorOf } from '../src/file/fs-error.ts'
import { bytesFrom, bytesOf, inChunks, sameBytes } from '../src/testing/bytes.ts'
import { codeOf, rejection } from '../src/testing/store-under-test.ts'
import { filePlace } from './places.ts'

const MIB = 2 ** 20

describe('a directory as a store', () => {
  test('follows symbolic links inside, and none that lead out', async () => {
    await using outside = await tempDir('outside')
    await writeFile(outside.file('secret'), 'secret')
    await using place = await filePlace()
    const { store, path } = place
    await store.put('real/object', bytesOf(5))
    await symlink('real', join(path, 'inside'))
    await symlink('real/object', join(path, 'alias'))
    await symlink(outside.path, join(path, 'out'))
    await symlink(outside.file('secret'), join(path, 'leak'))
    await symlink(outside.file('not-yet'), join(path, 'dangling'))

    expect(await store.head('inside/object')).toMatchObject({ sizeBytes: 5 })
    expect(await store.head('alias')).toMatchObject({ sizeBytes: 5 })
    for (const key of ['out/secret', 'leak']) {
      expect(await codeOf(store.head(key))).toBe('path.outside_root')
      expect(await codeOf(store.get(key))).toBe('path.outside_root')
      expect(await codeOf(store.copy(key, 'mine'))).toBe('path.outside_root')
      expect(await codeOf(store.put(key, bytesOf(1)))).toBe('path.outside_root')
      expect(await codeOf(store.copy('alias', key))).toBe('path.outside_root')
    }
    expect(await codeOf(store.put('out/new/deep', bytesOf(1)))).toBe('path.outside_root')
    expect(await codeOf(store.delete('out/secret'))).toBe('path.outside_root')
    expect(await store.head('dangling')).toBeUndefined()
    await store.put('dangling', bytesOf(1))
    expect(await readdir(outside.path)).toEqual(['secret'])
    expect((await store.list('')).objects.map((object) => object.key)).toEqual(['alias', 'dangling', 'real/object'])
  })

  test.each([
    [undefined, 10],
    [true, 3],
  ])('takes memory for each chunk, or with reuse: %s for %i', async (reuse, pieces) => {
    await using place = await filePlace()
    await place.store.put('large', bytesOf(20 * MIB))
    const body = await place.store.get('large', { reuse })
    const memory = new Set<ArrayBufferLike>()
    for await (const chunk of body!.chunks) memory.add(chunk.buffer)
    expect(memory.size).toBe(pieces)
  })

  test('puts what it reads into the memory it is given, each chunk in its place', async () => {
    await using place = await filePlace()
    await place.store.put('large', bytesOf(5 * MIB))
    const memory = new Uint8Array(5 * MIB - 100)
    let end = 0
    for await (const { buffer, byteOffset, length } of (await place.store.get('large', {
      range: { start: 100 },
      into: () => memory,
    }))!.chunks) {
      expect([buffer, byteOffset]).toEqual([memory.buffer, end])
      end += length
    }
    expect(end).toBe(memory.length)
    expect(sameBytes(memory, bytesOf(5 * MIB).subarray(100))).toBe(true)
    const short = await place.store.get('large', { into: (sizeBytes) => new Uint8Array(sizeBytes - 1) })
    expect(await rejection(bytesFrom(short))).toBeInstanceOf(TypeError)
  })

  test.each(['gone', 'gone/data', 'gone/a/b/c', 'loop', 'loop/data'])(
    'says so when its place, %s, leads nowhere',
    async (root) => {
      await using dir = await tempDir('nowhere')
      await symlink(dir.file('not-mounted', 'disk'), dir.file('gone'))
      await symlink('loop', dir.file('loop'))
      await using store = await openFileStore(dir.file(root))
      for (const key of ['object', 'deep/er/object']) {
        const error = await rejection(store.put(key, bytesOf(1)))
        expect(error).toMatchObject({ code: 'storage.unavailable', message: expect.stringContaining('is the disk mounted?') })
      }
      expect((await readdir(dir.path)).sort()).toEqual(['gone', 'loop'])
    },
  )

  test.runIf(process.platform === 'linux')('says so when its place is one where nobody can make a directory', async () => {
    await using store = await openFileStore('/proc/shardex/data')
    expect(await codeOf(store.put('a/object', bytesOf(1)))).toBe('storage.unavailable')
  })

  test('has no object where a directory is, and no directory where an object is', async () => {
    await using place = await filePlace()
    await place.store.put('a/b', bytesOf(1))
    expect(await codeOf(place.store.put('a', bytesOf(1)))).toBe('key.invalid')
    expect(await codeOf(place.store.put('a/b/c', bytesOf(1)))).toBe('key.invalid')
    expect(await codeOf(place.store.copy('a/b', 'a'))).toBe('key.invalid')
    await place.store.delete('a')
    expect(await place.store.head('a/b')).toBeDefined()
    expect(await place.leftovers?.()).toEqual([])
  })

  test('refuses names that are its own or that the file system cannot hold', async () => {
    await using place = await filePlace()
    expect(await codeOf(place.store.put('.shardex-tmp-x', bytesOf(1)))).toBe('key.invalid')
    expect(await codeOf(place.store.put(`${'x'.repeat(256)}/y`, bytesOf(1)))).toBe('key.invalid')
    expect(await codeOf(place.store.head('x'.repeat(256)))).toBe('key.invalid')
  })

  test('hides what is being written, and removes the empty directories it made', async () => {
    await using place = await filePlace()
    async function* looking(): AsyncGenerator<Uint8Array> {
      yield bytesOf(2 * MIB)
      expect(await place.store.list('')).toEqual({ objects: [] })
      expect(await place.leftovers?.()).toHaveLength(1)
      throw new Error('the source failed')
    }
    await rejection(place.store.put('deep/er/object', looking()))
    expect(await readdir(place.path).catch(() => [])).toEqual([])
    await place.store.put('deep/er/object', bytesOf(1))
    await place.store.delete('deep/er/object')
    expect(await readdir(place.path)).toEqual([])
  })

  test('many writers and deleters of one directory do not trip over each other', async () => {
    await using place = await filePlace()
    await Promise.all(
      Array.from({ length: 200 }, async (_, i) => {
        await place.store.put(`busy/${i % 7}`, bytesOf(10))
        await place.store.delete(`busy/${i % 7}`)
      }),
    )
    expect(await place.leftovers?.()).toEqual([])
  })

  test('sweeps what a killed writer left, once it is old enough', async () => {
    await using place = await filePlace()
    await place.store.put('dir/object', bytesOf(1))
    const left = join(place.path, 'dir/.shardex-tmp-dead')
    await writeFile(left, 'half')
    await utimes(left, new Date(), new Date(Date.now() - 7_200_000))
    expect(await place.store.sweep('', { olderThanMs: 10_000_000 })).toBe(0)
    expect(await place.store.sweep('', { olderThanMs: 3_600_000 })).toBe(1)
    expect(await readdir(join(place.path, 'dir'))).toEqual(['object'])
  })

  test('notices a file that is cut off or rewritten while it is being read', async () => {
    await using place = await filePlace()
    const file = join(place.path, 'object')
    await place.store.put('object', bytesOf(8 * MIB))
    const error = await rejection(
      place.store.get('object').then(async (body) => {
        for await (const _ of body!.chunks) await truncate(file, MIB + 5)
      }),
    )
    expect(isShardexError(error, 'storage.corrupt') && error.message).toMatch(/changed while/)

    await place.store.put('object', bytesOf(10, 1))
    const body = await place.store.get('object')
    await place.store.put('object', bytesOf(10, 2))
    expect(isShardexError(await rejection(bytesFrom(body)), 'storage.corrupt')).toBe(true)
    const other = await place.store.get('object')
    await rm(file)
    expect(isShardexError(await rejection(bytesFrom(other)), 'storage.corrupt')).toBe(true)
  })

  test('reads in chunks of the size it was told', async () => {
    await using place = await filePlace()
    await place.store.put('object', bytesOf(1000))
    await using store = await openFileStore(place.path, { chunkBytes: 300 })
    const sizes: number[] = []
    for await (const chunk of (await store.get('object', { range: { start: 50 } }))!.chunks) sizes.push(chunk.length)
    expect(sizes).toEqual([300, 300, 300, 50])
  })

  test('tells of a file that is not an object', async () => {
    await using place = await filePlace()
    await mkdir(place.path, { recursive: true })
    execFileSync('mkfifo', [join(place.path, 'fifo')])
    expect(await place.store.get('fifo')).toBeUndefined()
    expect(await place.store.list('')).toEqual({ objects: [] })
  })

  const isRoot = process.getuid?.() === 0
  test.skipIf(isRoot)('has one clear error where it may not write (skipped as root, who may)', async () => {
    await using place = await filePlace()
    await place.store.put('dir/object', bytesOf(1))
    await chmod(join(place.path, 'dir'), 0o500)
    expect(await codeOf(place.store.put('dir/other', bytesOf(1)))).toBe('storage.denied')
    await chmod(join(place.path, 'dir'), 0o700)
  })

  describe.skipIf(!canMount())('on a file system of its own (skipped: this user may not mount one)', () => {
    test('has one clear error when the disk is full, leaves nothing, and goes on when there is room', async () => {
      await using disk = await mounted('tmpfs', 'size=4m')
      await using store = await openFileStore(disk.path)
      await store.put('kept', bytesOf(MIB))
      for (const body of [bytesOf(8 * MIB), inChunks(bytesOf(8 * MIB), 100_000)]) {
        const error = await rejection(store.put('dir/large', body))
        expect(isShardexError(error, 'storage.full') && error.details.url).toBe(join(disk.path, 'dir/large'))
      }
      expect(await codeOf(store.put('kept', bytesOf(8 * MIB)))).toBe('storage.full')
      expect(await readdir(disk.path)).toEqual(['kept'])
      await store.put('fits', bytesOf(2 * MIB))
      expect(await store.head('kept')).toMatchObject({ sizeBytes: MIB })
    })

    test('has one clear error when it is mounted read-only', async () => {
      await using disk = await mounted('tmpfs', 'ro')
      await using store = await openFileStore(disk.path)
      expect(await codeOf(store.put('dir/object', bytesOf(1)))).toBe('storage.read_only')
      expect(await codeOf(store.put('object', bytesOf(1)))).toBe('storage.read_only')
    })
  })
})

function canMount(): boolean {
  if (process.platform === 'linux' && process.getuid?.() === 0) return true
  if (process.env['CI'] === 'true') throw new Error('CI has to run the tests of a full disk, which need root')
  return false
}

async function mounted(type: string, options: string): Promise<AsyncDisposable & { path: string }> {
  const directory = await tempDir('mount')
  execFileSync('mount', ['-t', type, '-o', options, 'shardex-test', directory.path])
  return {
    path: directory.path,
    async [Symbol.asyncDispose]() {
      execFileSync('umount', [directory.path])
      await directory[Symbol.asyncDispose]()
    },
  }
}

test.runIf(process.platform === 'linux')('makes durable what others made before it tells of it, if it is asked to', async () => {
  await using place = await filePlace()
  const { store, path } = place
  await mkdir(join(path, 'made/by'), { recursive: true })
  await writeFile(join(path, 'made/by/others'), '12345')
  using syncs = await watchSyncs()
  expect(await store.head('made/by/others')).toMatchObject({ sizeBytes: 5 })
  expect(await store.head('made/by/nobody', { durable: true })).toBeUndefined()
  expect(syncs.paths.size).toBe(0)
  expect(await store.head('made/by/others', { durable: true })).toMatchObject({ sizeBytes: 5 })
  const wanted = ['made/by/others', 'made/by', 'made', ''].map((each) => join(path, each).replace(/\/$/, ''))
  expect([...syncs.paths].toSorted()).toEqual(wanted.toSorted())
})

test.runIf(process.getuid?.() === 0 && process.platform === 'linux')(
  'counts on what it may read, wherever above it lies a directory that it may not',
  async () => {
    await using place = await filePlace()
    const { path } = place
    await mkdir(join(path, 'theirs/ours'), { recursive: true })
    await writeFile(join(path, 'theirs/ours/object'), '12345')
    await chmod(join(path, 'theirs'), 0o711)
    await chmod(path, 0o755)
    await chmod(join(path, '..'), 0o755)
    const script = `import { openFileStore } from '@shardex/storage'
      process.setuid(65534)
      await using store = await openFileStore(${JSON.stringify(path)})
      console.log((await store.head('theirs/ours/object', { durable: true })).sizeBytes)`
    const args = ['--conditions=@shardex/source', '--input-type=module', '-e', script]
    const told = execFileSync(process.execPath, args, { cwd: import.meta.dirname, encoding: 'utf8' })
    expect(told).toBe('5\n')
  },
)

test('says that the disk failed, and where to look', () => {
  const cause = Object.assign(new Error('EIO: i/o error, fsync'), { code: 'EIO' })
  expect(storageErrorOf(cause, '/data/x')).toMatchObject({
    code: 'storage.unavailable',
    message: expect.stringMatching(/disk of \/data\/x reports an error.*dmesg/),
    cause,
  })
})
