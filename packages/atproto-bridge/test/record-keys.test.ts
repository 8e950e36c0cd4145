import { isValidRecordKey, isValidTid } from '@atproto/syntax'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { NSID, STORAGE } from '../src/nsid.ts'
import { toJsonSchema } from '../src/prepare/json-schema.ts'
import { recordToJson } from '../src/record-json.ts'
import { entryKey, labelKey, schemaKey } from '../src/record-keys.ts'
import type { DatasetSchemaRecord, StorageHttp } from '../src/records.ts'

const digest = fc.stringMatching(/^[0-9a-f]{64}$/)
const anyText = fc.string({ unit: 'grapheme', maxLength: 200 })

test('keys of entries and labels have the form that their lexicons want, whatever they are of', () => {
  fc.assert(
    fc.property(anyText, fc.option(anyText), fc.array(digest, { maxLength: 5 }), (name, version, digests) => {
      const shards = digests.map((sha256) => ({ url: '', checksum: { algorithm: 'sha256', digest: sha256 } }))
      const storage: StorageHttp = { $type: STORAGE.http, shards }
      expect(isValidTid(labelKey({ name, version: version ?? undefined }))).toBe(true)
      expect(isValidTid(entryKey({ name, schemaRef: 'at://did:plc:a/b/c', storage }))).toBe(true)
    }),
  )
})

test('the key of a schema is one, and is the same for the record that comes back from a PDS', () => {
  const field = fc.record({
    name: fc.stringMatching(/^[a-z]{1,8}$/),
    fieldType: fc.constantFrom(
      { $type: 'local#primitive', primitive: 'int' } as const,
      { $type: 'local#ndarray', dtype: 'uint8', shape: [null, 3] } as const,
      { $type: 'local#ndarray', dtype: undefined } as const,
    ),
    optional: fc.boolean(),
  })
  fc.assert(
    fc.property(anyText, anyText, fc.array(field, { minLength: 1 }), fc.option(anyText), (name, version, fields, module) => {
      const record: DatasetSchemaRecord = {
        $type: NSID.schema,
        name,
        version,
        schemaType: 'jsonSchema',
        schema: toJsonSchema(fields),
        createdAt: '2026-01-01T00:00:00Z',
        shardex: { format: 1, fields, ...(module !== null && { module }) },
      }
      const key = schemaKey(record)
      expect(isValidRecordKey(key)).toBe(true)
      // A repository sorts the keys of maps.
      const sorted = JSON.parse(JSON.stringify(recordToJson(record)), (_, value: unknown) =>
        typeof value === 'object' && value !== null && !Array.isArray(value)
          ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => a.length - b.length || (a < b ? -1 : 1)))
          : value,
      ) as DatasetSchemaRecord
      expect(schemaKey(sorted)).toBe(key)
    }),
  )
})

test('other data, names, versions, definitions have other keys', () => {
  const storageOf = (sha256: string): StorageHttp => ({
    $type: STORAGE.http,
    shards: [{ url: '', checksum: { algorithm: 'sha256', digest: sha256 } }],
  })
  const entry = { name: 'n', schemaRef: 'at://did:plc:a/b/c' }
  fc.assert(
    fc.property(digest, digest, (one, other) => {
      fc.pre(one !== other)
      expect(entryKey({ ...entry, storage: storageOf(one) })).not.toBe(entryKey({ ...entry, storage: storageOf(other) }))
    }),
  )
  expect(labelKey({ name: 'a', version: 'b' })).not.toBe(labelKey({ name: 'ab', version: '' }))
  expect(labelKey({ name: 'a' })).toBe(labelKey({ name: 'a', version: '' }))
})
