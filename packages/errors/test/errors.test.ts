import fc from 'fast-check'
import { expect, expectTypeOf, test } from 'vitest'
import * as door from '../src/index.ts'
import { describe as describeValue, FATES, isShardexError, ShardexError } from '../src/index.ts'

test('the door is what it was', () => {
  expect(Object.keys(door).sort()).toEqual(['FATES', 'ShardexError', 'describe', 'isShardexError'])
})

test('an error keeps its code, facts, message and cause', () => {
  const cause = new Error('ECONNREFUSED')
  const error = new ShardexError('index.unavailable', { url: 'redis://r' }, { message: 'start it', cause })
  expect(error).toMatchObject({
    name: 'ShardexError',
    code: 'index.unavailable',
    details: { url: 'redis://r' },
    message: 'start it',
    cause,
  })
  expect('cause' in new ShardexError('entry.not_found', { cid: 'b' }, { message: '' })).toBe(false)
})

test('the guard narrows by code, also for errors of another copy of this package', () => {
  const foreign = Object.assign(new Error('x'), { name: 'ShardexError', code: 'name.not_found', details: { name: 'n' } })
  expect(isShardexError(foreign)).toBe(true)
  expect(isShardexError(foreign, 'entry.not_found', 'name.not_found')).toBe(true)
  expect(isShardexError(foreign, 'entry.not_found')).toBe(false)
  for (const other of [new Error('name.not_found'), structuredClone(foreign), null, 'name.not_found'])
    expect(isShardexError(other)).toBe(false)
  if (isShardexError(foreign, 'name.not_found')) expectTypeOf(foreign.details).toEqualTypeOf<Readonly<{ name: string }>>()
})

test('every code has a way out: an exit code that is not 0 and an HTTP status that is an error', () => {
  for (const { status, exit } of Object.values(FATES)) {
    expect(status).toBeGreaterThanOrEqual(400)
    expect(exit).toBeGreaterThan(0)
    expect(exit).toBeLessThan(128)
  }
})

test.each([
  [-0, '-0'],
  [7n, '7n'],
  ['a"b', '"a\\"b"'],
  ['x'.repeat(61), 'a string of 61 characters'],
  [null, 'null'],
  [undefined, 'undefined'],
  [[1, 2], 'an array of 2'],
  [new Uint8Array(3), 'Uint8Array of 3 bytes'],
  [{}, 'an object'],
  [Object.create(null), 'an object'],
  [new Map(), 'a Map'],
  [() => 1, 'a function'],
])('%s is described as %s', (value, text) => {
  expect(describeValue(value)).toBe(text)
})

test('describing never fails, never runs code of the value and stays short', () => {
  const trap = new Proxy({}, { get: () => expect.unreachable('code of the value was run') })
  expect(describeValue([trap])).toBe('an array of 1')
  fc.assert(fc.property(fc.anything(), (value) => describeValue(value).length < 140))
})
