import { deepStrictEqual, doesNotThrow } from 'node:assert'
import { stripTypeScriptTypes } from 'node:module'
import {
  decodeArray,
  decodeMsgpack,
  decodeMsgpackMap,
  describeSchema,
  encodeArray,
  encodeMsgpack,
  encodeNpy,
  formatSchemaRef,
  generateTypeScript,
  isVersion,
  latestVersion,
  NDArray,
  ndarray,
  nextPatch,
  parseSchemaRecord,
  parseSchemaRef,
  sampleTypeFromRecord,
  schemaDigest,
  stringifyRecord,
  toSchemaRecord,
} from '@shardex/schema'
import { Everything, everything, Small } from '../corpus/samples.ts'
import { arrayVectors, refVectors, sampleVectors, schemaVectors } from '../corpus/vectors.ts'
import { mutateBytes } from '../mutate/bytes.ts'
import { mutateJson } from '../mutate/json.ts'
import { mutateTextWith } from '../mutate/text.ts'
import { type Target, target } from '../target.ts'

const packed = (): Uint8Array[] => [
  ...sampleVectors(),
  ...Array.from({ length: 5 }, (_, i) => Everything.pack(everything(i))),
  encodeMsgpack({ list: [1, -1, 1.5, 2n ** 63n, null, true, 'x'.repeat(300), new Uint8Array(70_000)], map: { a: { b: [] } } }),
]

export const schemaTargets: readonly Target[] = [
  target<Uint8Array>({
    name: 'array',
    corpus: () => [
      ...arrayVectors(),
      encodeNpy(NDArray.from(new Float64Array(6), [1, 2, 3])),
      encodeArray(NDArray.from(['a', 'bcd'])),
    ],
    mutate: mutateBytes,
    run(bytes) {
      const array = decodeArray(bytes)
      const again = decodeArray(encodeArray(array))
      deepStrictEqual({ ...again }, { ...array })
      return [array.values, again]
    },
  }),
  target<Uint8Array>({
    name: 'msgpack',
    corpus: packed,
    mutate: mutateBytes,
    run(bytes) {
      const value = decodeMsgpack(bytes)
      deepStrictEqual(decodeMsgpack(encodeMsgpack(value)), value)
      return [value, decodeMsgpackMap(bytes)]
    },
  }),
  ...[Everything, Small].map((type) =>
    target<Uint8Array>({
      name: `sample-${type.typeName.toLowerCase()}`,
      corpus: packed,
      mutate: mutateBytes,
      run(bytes) {
        const sample = type.unpack(bytes)
        deepStrictEqual(type.unpack(type.pack(sample as never)), sample)
        return sample
      },
    }),
  ),
  target<string>({
    name: 'schema-record',
    corpus: () => [
      ...schemaVectors(),
      ...[Everything, Small].map((type) => stringifyRecord(toSchemaRecord(type, { version: '1.0.0', createdAt: new Date(0) }))),
    ],
    mutate: mutateJson,
    run(text) {
      const record = parseSchemaRecord(text)
      const stored = stringifyRecord(record)
      deepStrictEqual(parseSchemaRecord(stored), record)
      const type = sampleTypeFromRecord(record)
      // What the generated module will do when it is imported.
      for (const { kind } of Object.values(type.fields))
        if (kind.kind === 'ndarray')
          doesNotThrow(() => ndarray(kind.dtype ?? 'float32', kind.shape, { dimensionNames: kind.dimensionNames }))
      const code = generateTypeScript(record)
      if (text.length < 2000) stripTypeScriptTypes(code)
      return [stored, code, describeSchema(type), schemaDigest(record)]
    },
  }),
  target<string>({
    name: 'schema-ref',
    corpus: () => [
      ...refVectors(),
      'local://schemas/mymodule.ImageSample@1.0.0',
      'atdata://local/sampleSchema/Ünï_1@1.0.0-rc.1+b',
    ],
    mutate: mutateTextWith([
      'local://schemas/',
      'atdata://local/schema/',
      'atdata://local/sampleSchema/',
      '@',
      '.',
      '1.0.0',
      '-rc.1',
      '+b',
    ]),
    run(text) {
      if (isVersion(text)) latestVersion([text, nextPatch([text])])
      const ref = parseSchemaRef(text)
      deepStrictEqual(parseSchemaRef(formatSchemaRef(ref.name, ref.version)), ref)
      return ref
    },
  }),
]
