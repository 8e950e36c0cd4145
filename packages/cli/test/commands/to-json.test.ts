import { NDArray } from '@shardex/schema'
import { expect, test } from 'vitest'
import { describeValue } from '../../src/describe-value.ts'
import { toJson } from '../../src/to-json.ts'

test('what JSON has no word for keeps its meaning', () => {
  const value = {
    bytes: Buffer.from('hello'),
    view: Buffer.from('hello').subarray(1, 3),
    small: 7n,
    big: 2n ** 64n - 1n,
    nan: Number.NaN,
    array: NDArray.from([1, 2, 3]),
    when: new Date(0),
    absent: undefined,
    nested: [{ deep: 1n }],
  }
  expect(JSON.parse(toJson(value))).toEqual({
    bytes: { $bytes: 'aGVsbG8=' },
    view: { $bytes: 'ZWw=' },
    small: 7,
    big: { $int: '18446744073709551615' },
    nan: { $float: 'NaN' },
    array: { dtype: '<f8', shape: [3] },
    when: '1970-01-01T00:00:00.000Z',
    nested: [{ deep: 1 }],
  })
})

test('a key called __proto__ is a key', () => {
  expect(toJson(JSON.parse('{"__proto__":{"a":1}}'))).toBe('{"__proto__":{"a":1}}')
})

test.each([
  ['a missing value', undefined, '—'],
  ['a long text', 'x'.repeat(300), `${'x'.repeat(200)}… (300 characters)`],
  ['a PNG with its size', pngHead(64, 48), 'png 64×48, 33 B'],
  ['a PNG that breaks off', pngHead(64, 48).subarray(0, 12), 'png, 12 B'],
  ['other bytes', Buffer.of(1, 2, 3), '3 B'],
  ['an array', NDArray.from([[1, 2, 3]]), 'ndarray float64 [1, 3]'],
  ['an array of truth values', NDArray.from([true]), 'ndarray bool [1]'],
  ['a list', ['a', 1n], '["a",1]'],
])('%s is described in a few words', (_, value, text) => {
  expect(describeValue(value)).toBe(text)
})

function pngHead(width: number, height: number): Buffer {
  const bytes = Buffer.alloc(33)
  bytes.write('\x89PNG\r\n\x1a\n', 'latin1')
  bytes.write('IHDR', 12, 'latin1')
  bytes.writeUInt32BE(width, 16)
  bytes.writeUInt32BE(height, 20)
  return bytes
}
