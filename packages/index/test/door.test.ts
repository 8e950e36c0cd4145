import * as door from '@shardex/index'
import * as testing from '@shardex/index/testing'
import { expect, test } from 'vitest'

test('the door shows this and no more', () => {
  expect(Object.keys(door).sort()).toMatchInlineSnapshot(`
    [
      "LocalIndex",
      "MAX_NAME_BYTES",
      "StaticIndex",
      "assertName",
      "checkEntryOptions",
      "dagCborCid",
      "decodeDetails",
      "defaultLocation",
      "encodeDetails",
      "entryCid",
      "exportIndex",
      "isName",
      "openRedisIndex",
      "openSqliteIndex",
    ]
  `)
  expect(Object.keys(testing).sort()).toMatchInlineSnapshot(`
    [
      "testIndexProvider",
      "testLocalIndex",
    ]
  `)
})
