import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as schema from '../src/index.ts'
import { loadVectors } from './vectors.ts'

const tsc = new URL('../../../node_modules/.bin/tsc', import.meta.url).pathname
// Inside the package, so that the generated module finds what it imports.
const packageDirectory = new URL('..', import.meta.url).pathname

const Every = schema.defineSample(
  'my_module.Every',
  {
    image: schema.ndarray('float32', [null, null, 3], { dimensionNames: ['y', 'x', 'c'] }),
    named: schema.ndarray(undefined, undefined, { dimensionNames: ['"], x: [`{1}'] }),
    words: schema.array(schema.array(schema.str())).optional(),
    id: schema.int(),
    score: schema.float().optional(),
    ok: schema.bool(),
    raw: schema.bytes(),
    structured: schema.structured(),
    sparse: schema.sparse().optional(),
    arrow: schema.arrowTensor().optional(),
    tensors: schema.safetensors().optional(),
    table: schema.dataframe().optional(),
    größe: schema.int(),
    class: schema.int(),
  },
  { description: 'tricky: */ `{x}` "quoted" \u2028 \\ end' },
)

let directory: string

beforeAll(() => {
  directory = mkdtempSync(join(packageDirectory, 'test', '.generated-'))
})

afterAll(() => {
  rmSync(directory, { recursive: true })
})

describe('generated TypeScript', () => {
  const record = schema.toSchemaRecord(Every, { version: '1.0.0\n*/', createdAt: '' })
  const importFrom = '../../src/index.ts'

  test('compiles under the strictest settings, whatever texts are in the record', () => {
    const atdata = loadVectors<{ schemas: { stored_json_text: string }[] }>('atdata-schemas').schemas
    const records = [record, ...atdata.map(({ stored_json_text }) => schema.parseSchemaRecord(stored_json_text))]
    const keyword = schema.toSchemaRecord(schema.defineSample('my.str', { a: schema.str() }), { version: '1.0.0', createdAt: '' })
    const files = [...records, keyword].map((each, i) => {
      writeFileSync(join(directory, `schema-${i}.ts`), schema.generateTypeScript(each, { importFrom }))
      return `schema-${i}.ts`
    })
    const config = {
      extends: '../../../../tsconfig.base.json',
      compilerOptions: { noEmit: true, isolatedDeclarations: false, customConditions: ['@shardex/source'] },
      files,
    }
    writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify(config))
    const { stdout, status } = spawnSync(process.execPath, [tsc, '-p', directory], { encoding: 'utf8' })
    expect(stdout).toBe('')
    expect(status).toBe(0)
  })

  test('defines the same type: same digest, same bytes', async () => {
    const file = join(directory, 'every.ts')
    writeFileSync(file, schema.generateTypeScript(record, { importFrom }))
    const { Every: copy } = (await import(file)) as { Every: typeof Every }
    expect(schema.schemaDigest(copy)).toBe(schema.schemaDigest(Every))
    expect(copy).toMatchObject({ name: Every.name, description: Every.description })
    const bytes = Every.pack({
      image: schema.NDArray.from(new Float32Array(6), [2, 1, 3]),
      named: schema.NDArray.from(new Int8Array(2)),
      words: [['a'], []],
      id: 2n ** 60n,
      ok: true,
      raw: Uint8Array.of(1),
      structured: Uint8Array.of(2),
      größe: 3,
      class: 4,
    })
    expect(copy.pack(copy.unpack(bytes))).toEqual(bytes)
  })

  test('imports from the package unless told otherwise', () => {
    expect(schema.generateTypeScript(record)).toContain('} from "@shardex/schema"')
  })
})
