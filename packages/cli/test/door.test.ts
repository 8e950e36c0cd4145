import { expect, test } from 'vitest'
import * as atmosphere from '../src/atmosphere.ts'
import * as door from '../src/index.ts'

test('the door shows exactly these names', () => {
  expect(Object.keys(door).sort()).toMatchInlineSnapshot(`
    [
      "Dataset",
      "LocalDiskStore",
      "LocalIndex",
      "NDArray",
      "Repo",
      "S3DataStore",
      "ShardexError",
      "StaticIndex",
      "array",
      "arrowTensor",
      "bool",
      "brokenLensLaws",
      "bytes",
      "collectGarbage",
      "dataframe",
      "defineLens",
      "defineMembers",
      "defineSample",
      "describeSchema",
      "entryCid",
      "exportIndex",
      "float",
      "formatSchemaRef",
      "generateTypeScript",
      "int",
      "isShardexError",
      "manifestUrls",
      "mirrorsOf",
      "mix",
      "ndarray",
      "openStorage",
      "parseSchemaRef",
      "registerLens",
      "repairShard",
      "safetensors",
      "sparse",
      "stackArrays",
      "str",
      "structured",
      "undoGarbage",
      "verifyEntry",
      "verifyProof",
      "withCache",
    ]
  `)
})

test('the door to the atmosphere shows exactly these names', () => {
  expect(Object.keys(atmosphere).sort()).toEqual(['AtmosphereIndex', 'Sessions', 'prepare', 'promote', 'unpromote'])
})
