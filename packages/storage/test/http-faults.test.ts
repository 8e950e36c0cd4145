import { isShardexError } from '@shardex/errors'
import { openHttpStore } from '@shardex/storage'
import { describe, expect, test } from 'vitest'
import { bytesFrom, bytesOf } from '../src/testing/bytes.ts'
import { codeOf, plant, rejection } from '../src/testing/store-under-test.ts'
import { type Fault, faultProxy } from './fault-proxy.ts'
import { testReadingThroughFaults } from './faults.ts'
import { httpPlace } from './places.ts'

const BRISK = { retry: { baseDelayMs: 1 } }

describe('a web server behind a bad network', () => {
  testReadingThroughFaults({
    open: async () => {
      const place = await httpPlace()
      return { ...place, address: place.store.rootUrl }
    },
    through: (_, address, isImpatient) => openHttpStore(address, isImpatient ? { ...BRISK, stallMs: 1000 } : BRISK),
  })

  test('resumes even where ranges are ignored', async () => {
    await using place = await httpPlace({ ranges: false })
    await plant(place, 'object', bytesOf(1_000_000))
    await using proxy = await faultProxy(place.store.rootUrl, (_, number) => (number === 1 ? { breakAfter: 600_000 } : undefined))
    await using store = await openHttpStore(proxy.url, BRISK)
    expect(await bytesFrom(await store.get('object', { range: { start: 10, end: 999_990 } }))).toEqual(
      bytesOf(1_000_000).subarray(10, 999_990),
    )
  })

  async function headThrough(fault: Fault, call: 'head' | 'get' = 'get'): Promise<unknown> {
    await using place = await httpPlace()
    await plant(place, 'object', bytesOf(10))
    await using proxy = await faultProxy(place.store.rootUrl, (_, number) => (number === 1 ? fault : undefined))
    await using store = await openHttpStore(proxy.url, BRISK)
    return await rejection(store[call]('object'))
  }

  test.each<[string, Fault, string]>([
    ['401', { answer: 401 }, 'storage.denied'],
    ['403', { answer: 403 }, 'storage.denied'],
    ['400', { answer: 400 }, 'storage.unavailable'],
    ['a body without a size', { answer: 200, headers: { 'transfer-encoding': 'chunked' }, body: 'x' }, 'storage.corrupt'],
    [
      'a compressed body',
      { answer: 200, headers: { 'content-encoding': 'br', 'content-length': '1' }, body: 'x' },
      'storage.corrupt',
    ],
    ['a part without a range', { answer: 206, headers: { 'content-length': '1' }, body: 'x' }, 'storage.corrupt'],
    ['an impossible range', { answer: 206, headers: { 'content-range': 'bytes 0-9/99999999999999999999' } }, 'storage.corrupt'],
    ['a redirect to a file', { answer: 302, headers: { location: 'file:///etc/passwd' } }, 'url.invalid'],
    ['a redirect with credentials', { answer: 302, headers: { location: 'http://user:secret@127.0.0.1/' } }, 'url.invalid'],
    ['a redirect to itself for ever', { answer: 302, headers: { location: '?again' } }, 'no error'],
  ])('has one clear error for %s', async (_, fault, code) => {
    const error = await headThrough(fault)
    if (code === 'no error') expect(error).toBe('no error')
    else expect(isShardexError(error) && error.code).toBe(code)
    expect(String(error)).not.toContain('secret')
  })

  test('stops following redirects after a few', async () => {
    await using place = await httpPlace()
    await using proxy = await faultProxy(place.store.rootUrl, () => ({ answer: 302, headers: { location: 'next' } }))
    await using store = await openHttpStore(proxy.url, { retry: { attempts: 1 } })
    const error = await rejection(store.get('object'))
    expect(String(error)).toMatch(/redirects/)
    expect(proxy.requests).toHaveLength(6)
  })

  test('finds the size by a range where HEAD is not allowed', async () => {
    await using place = await httpPlace()
    await plant(place, 'object', bytesOf(77))
    await using proxy = await faultProxy(place.store.rootUrl, ({ method }) => (method === 'HEAD' ? { answer: 405 } : undefined))
    await using store = await openHttpStore(proxy.url, BRISK)
    expect(await store.head('object')).toMatchObject({ sizeBytes: 77 })
  })

  test('sends the query of its root with every key, and keeps it out of errors', async () => {
    await using place = await httpPlace()
    await using proxy = await faultProxy(place.store.rootUrl, () => ({ answer: 403 }))
    await using store = await openHttpStore(`${proxy.url}/dir/?sig=secret`, BRISK)
    expect(store.urlOf('a b')).toBe(`${proxy.url}/dir/a%20b?sig=secret`)
    const error = await rejection(store.get('a b'))
    expect(proxy.requests).toEqual(['GET /dir/a%20b?sig=secret'])
    expect(JSON.stringify(error) + String(error)).not.toContain('secret')
  })

  test.each(['ftp://host/', 's3://bucket/', '/a/path', 'pipe:cat', 'http://user:secret@host/'])(
    'does not open %s',
    async (url) => {
      expect(await codeOf(openHttpStore(url))).toBe('url.invalid')
    },
  )
})
