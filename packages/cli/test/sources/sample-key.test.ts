import { bool, defineSample } from '@shardex/schema'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fieldNameOf } from '../../src/sources/inference/field-name.ts'
import { assertSampleKey, keyOfPath } from '../../src/sources/sample-key.ts'
import { schemaNameOf } from '../../src/sources/schema-name.ts'

const fileName = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 20 })
  .filter((name) => !/[/\0]/.test(name) && name !== '.' && name !== '..')
const path = fc.array(fileName, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'))

describe('keys and names', () => {
  test('the key of any path is one that webdataset cuts where we do', () => {
    fc.assert(
      fc.property(path, (any) => {
        const key = keyOfPath(any)
        expect(assertSampleKey(key, 'test')).toBe(key)
        const member = `${key}.msgpack`
        expect(/^((?:.*\/)?[^.]+)[.]([^/]*)$/s.exec(member)?.slice(1)).toEqual([key, 'msgpack'])
        expect(/__[^/]*__($|\/)/.test(member)).toBe(false)
      }),
    )
  })

  test('a long name takes no longer than it is', () => {
    const start = process.threadCpuUsage()
    expect(keyOfPath(`${'_'.repeat(100_000)}x/y`)).toHaveLength(100_003)
    expect(process.threadCpuUsage(start).user / 1000).toBeLessThan(2000)
  })

  test('any column has a field that a sample type takes, or none', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('__proto__', 'class', 'toString', '½', '²a', '·')),
        (column) => {
          const field = fieldNameOf(column)
          if (field !== undefined) expect(defineSample('T', { [field]: bool() }).fields).toHaveProperty([field])
        },
      ),
    )
  })

  test('any path has a name that a sample type takes', () => {
    expect(schemaNameOf('data/emoji-64.csv')).toBe('Emoji64Sample')
    expect(schemaNameOf('/data/64')).toBe('Sample64')
    fc.assert(fc.property(path, (any) => void defineSample(schemaNameOf(any), { x: bool() })))
  })
})
