import { expect, test } from 'vitest'
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
      "array",
      "arrowTensor",
      "bool",
      "bytes",
      "collectGarbage",
      "dataframe",
      "defineSample",
      "describeSchema",
      "entryCid",
      "float",
      "formatSchemaRef",
      "generateTypeScript",
      "int",
      "isShardexError",
      "mirrorsOf",
      "mix",
      "ndarray",
      "openStorage",
      "parseSchemaRef",
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
