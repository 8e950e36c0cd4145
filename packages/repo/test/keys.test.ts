import { isShardexError } from '@shardex/errors'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { assertKey, memberOf, positionKey, utf8Before } from '../src/shard/keys.ts'

function refusal(key: unknown): string | undefined {
  try {
    assertKey(key)
    return undefined
  } catch (error) {
    if (!isShardexError(error, 'key.invalid')) throw error
    return error.details.found
  }
}

test.each(['000000017', 'train/0001', 'a.b/c', 'é', '日本/語', 'with space', 'x'.repeat(1024), '__a__'])('%j is a key', (key) => {
  expect(refusal(key)).toBeUndefined()
})

test.each([
  ['', /empty/],
  ['a.b', /dot/],
  ['a/b.c', /dot/],
  ['/etc/passwd', /empty/],
  ['../up', /"\.\."/],
  ['a//b', /empty/],
  ['a\nb', /control/],
  ['a\\b', /backslash/],
  ['\ud800', /surrogate/],
  ['__meta__/a', /__x__/],
  ['x'.repeat(1025), /1025 bytes/],
  [17, /not a string/],
])('%j is refused', (key, why) => {
  expect(refusal(key)).toMatch(why)
})

test('keys made of positions sort like the positions', () => {
  expect(positionKey(17)).toBe('000000017')
  fc.assert(fc.property(fc.nat(999_999_999), fc.nat(999_999_999), (a, b) => utf8Before(positionKey(a), positionKey(b)) === a < b))
})

test('order is that of UTF-8 bytes, also beyond U+FFFF', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
      expect(utf8Before(a, b)).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0)
    }),
  )
})

test('a member knows whether its name is ASCII', () => {
  expect(memberOf('abc')).toMatchObject({ ascii: true })
  expect(memberOf('é').ascii).toBe(false)
  expect(Buffer.from(memberOf('é').name).toString()).toBe('é.msgpack')
})
