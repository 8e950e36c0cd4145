import { expect, test } from 'vitest'
import * as door from '../src/index.ts'

test('the door shows exactly these names', () => {
  expect(Object.keys(door).sort()).toMatchInlineSnapshot(`
    [
      "ByteWriter",
      "NDArray",
      "array",
      "arrowTensor",
      "bool",
      "bytes",
      "compareVersions",
      "dataframe",
      "decodeArray",
      "decodeMsgpack",
      "decodeMsgpackMap",
      "defineSample",
      "describeFields",
      "describeSchema",
      "encodeArray",
      "encodeMsgpack",
      "encodeMsgpackInto",
      "encodeNpy",
      "float",
      "formatSchemaRef",
      "generateTypeScript",
      "int",
      "isVersion",
      "latestVersion",
      "ndarray",
      "nextPatch",
      "parseSchemaRecord",
      "parseSchemaRef",
      "safetensors",
      "sampleTypeFromRecord",
      "schemaDigest",
      "sparse",
      "stackArrays",
      "str",
      "stringifyRecord",
      "structured",
      "toSchemaRecord",
    ]
  `)
})
