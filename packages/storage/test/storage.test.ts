import { openStorage } from '@shardex/storage'
import { serveDirectory } from '@shardex/storage/testing'
import { describe, expect, test } from 'vitest'
import { tempDir } from '../../../test/services/index.ts'
import { bytesFrom } from '../src/testing/bytes.ts'
import { codeOf, rejection } from '../src/testing/store-under-test.ts'

describe('storage of any URL', () => {
  test('writes and reads local paths and file: URLs through one store', async () => {
    await using directory = await tempDir('storage')
    await using storage = openStorage()
    const byPath = await storage.locate(directory.file('a b', 'x#1.tar'))
    await byPath.store.put(byPath.key, Uint8Array.of(1, 2, 3))
    const byUrl = await storage.locate(`file://${directory.path}/a%20b/x%231.tar`)
    expect(byUrl.store).toBe(byPath.store)
    expect(byUrl.store.urlOf(byUrl.key)).toBe(directory.file('a b', 'x#1.tar'))
    expect(await bytesFrom(await byUrl.store.get(byUrl.key))).toEqual(Buffer.of(1, 2, 3))
  })

  test('keeps local paths below a root, if it was given one', async () => {
    await using directory = await tempDir('storage')
    await using storage = openStorage({ fileRoot: directory.file('data') })
    expect(await storage.locate(directory.file('data', 'x'))).toMatchObject({ key: 'x' })
    for (const url of [
      '/etc/passwd',
      directory.file('data', '..', 'x'),
      directory.file('data'),
      directory.file('database'),
      'file:///etc/passwd',
    ]) {
      expect(await codeOf(storage.locate(url))).toBe('path.outside_root')
    }
  })

  test('reads web URLs byte for byte as they are, and what lies beside them', async () => {
    await using directory = await tempDir('storage')
    await using server = await serveDirectory(directory.path)
    await using storage = openStorage()
    const local = await storage.locate(directory.file('d ir', 'x y.tar.idx'))
    await local.store.put(local.key, Uint8Array.of(9))
    const { store, key } = await storage.locate(`${server.url}d%20ir/x%20y.tar?token=1`)
    expect(key).toBe('x y.tar')
    expect(store.urlOf(key)).toBe(`${server.url}d%20ir/x%20y.tar?token=1`)
    expect(await bytesFrom(await store.get(`${key}.idx`))).toEqual(Buffer.of(9))
    expect((await storage.locate(`${server.url}d%20ir/other?token=1`)).store).toBe(store)
    expect((await storage.locate(`${server.url}d%20ir/other?token=2`)).store).not.toBe(store)
    expect(await codeOf(storage.locate(`${server.url}a%2Fb`))).toBe('url.invalid')
    expect(await codeOf(storage.locate(`${server.url}%ff`))).toBe('url.invalid')
  })

  test('has one store for each bucket', async () => {
    const s3 = { AWS_ENDPOINT: 'http://127.0.0.1:1', AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' }
    await using storage = openStorage({ s3 })
    const [one, same, other] = await Promise.all(
      ['s3://bucket-1/a', 's3://bucket-1/b', 's3://bucket-2/a'].map((url) => storage.locate(url)),
    )
    expect(one?.store).toBe(same?.store)
    expect(one?.store).not.toBe(other?.store)
    expect(one?.store.urlOf(one.key)).toBe('s3://bucket-1/a')
  })

  test('disposes of all its stores', async () => {
    await using directory = await tempDir('storage')
    const storage = openStorage()
    const { store, key } = await storage.locate(directory.file('x'))
    await storage[Symbol.asyncDispose]()
    expect(await rejection(store.head(key))).toBeInstanceOf(TypeError)
  })

  test('runs no commands', async () => {
    await using storage = openStorage()
    expect(await codeOf(storage.locate('pipe:touch /tmp/oops'))).toBe('url.invalid')
  })
})
