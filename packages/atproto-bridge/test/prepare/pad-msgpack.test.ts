import { decodeMsgpackMap, encodeMsgpack } from '@shardex/schema'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { padMsgpack } from '../../src/prepare/pad-msgpack.ts'

test('metadata is the same map, in bytes that need no padding in base64', () => {
  const key = fc.string({ minLength: 1, maxLength: 50 }).filter((text) => text !== '__proto__')
  fc.assert(
    fc.property(fc.dictionary(key, fc.oneof(fc.string(), fc.integer()), { minKeys: 1, maxKeys: 40 }), (map) => {
      const padded = padMsgpack(encodeMsgpack(map))
      expect(padded.length % 3).toBe(0)
      expect(decodeMsgpackMap(padded)).toEqual(decodeMsgpackMap(encodeMsgpack(map)))
    }),
  )
})

test('what cannot be made longer stays as it is', () => {
  const bytes = encodeMsgpack({ ['k'.repeat(300)]: '' })
  expect([bytes, padMsgpack(bytes)].map(({ length }) => length)).toEqual([305, 305])
})
