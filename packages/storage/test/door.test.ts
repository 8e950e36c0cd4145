import * as door from '@shardex/storage'
import * as testing from '@shardex/storage/testing'
import { expect, test } from 'vitest'

test('the doors of the package open to these names', () => {
  expect({ '.': Object.keys(door).sort(), './testing': Object.keys(testing).sort() }).toMatchInlineSnapshot(`
    {
      ".": [
        "MemoryPool",
        "abortable",
        "assertObjectKey",
        "expandBraces",
        "isObjectKey",
        "openFileStore",
        "openHttpStore",
        "openS3Store",
        "openStorage",
        "parseUrl",
        "readS3Credentials",
        "stoppable",
        "wholeBody",
        "withCache",
      ],
      "./testing": [
        "serveDirectory",
        "testObjectStore",
      ],
    }
  `)
})
