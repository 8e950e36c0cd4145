import { expect, test } from 'vitest'
import { allItems } from '../paging.ts'
import type { StoredSchema } from '../provider.ts'
import { listed, type OpenPlace } from './place-under-test.ts'

export function testSchemas(open: OpenPlace): void {
  test('a version is written once, never over another', async () => {
    await using place = await open()
    const index = await place.connect()
    expect(await index.putSchema(schema('Img', '1.0.0', 'one'), 'd1', undefined)).toBe('put')
    expect(await index.putSchema(schema('Img', '1.0.0', 'two'), 'd2', undefined)).toBe('taken')
    expect(await index.findSchema('Img', '1.0.0', 'm.Img')).toBe(schema('Img', '1.0.0', 'one').text)
    expect(await index.findSchema('Img', '1.0.1', 'm.Img')).toBeUndefined()
  })

  test('a version that follows another is written only while that is the latest', async () => {
    await using place = await open()
    const index = await place.connect()
    expect(await index.putSchema(schema('Img', '1.0.0'), 'd1', '')).toBe('put')
    expect(await index.putSchema(schema('Img', '1.0.1'), 'd2', '')).toBe('stale')
    expect(await index.putSchema(schema('Img', '1.0.1'), 'd1', '1.0.0')).toBe('stale')
    expect(await index.putSchema(schema('Img', '1.0.1'), 'd2', '1.0.0')).toBe('put')
    expect(await index.schemaState('Img', 'd1')).toEqual({ latest: '1.0.1', sameAs: '1.0.0' })
  })

  test('the latest version is the highest by number, and what is no version never is', async () => {
    await using place = await open()
    const index = await place.connect()
    expect(await index.schemaState('Img', 'd')).toEqual({})
    for (const version of ['1.9.0', '1.10.0', '1.10.0-rc.1', '0.20.0', 'zebra'])
      await index.putSchema(schema('Img', version), 'd', undefined)
    await index.putSchema(schema('Imgs', '9.0.0'), 'd', undefined)
    expect(await index.schemaState('Img', 'd')).toEqual({ latest: '1.10.0', sameAs: '1.10.0' })
    expect(await index.schemaState('Img', 'other')).toEqual({ latest: '1.10.0' })
  })

  test('schemas are listed in pages, by type and then by version', async () => {
    await using place = await open()
    const index = await place.connect()
    for (const [typeName, version] of [
      ['B', '1.0.0'],
      ['A', '1.10.0'],
      ['A', '1.9.0'],
      ['AB', '1.0.0'],
    ] as const) {
      await index.putSchema(schema(typeName, version), version, undefined)
    }
    const all = await listed(allItems((page) => index.listSchemas({ ...page, limit: 2 }), undefined))
    expect(all).toEqual([schema('A', '1.9.0'), schema('A', '1.10.0'), schema('AB', '1.0.0'), schema('B', '1.0.0')])
  })
}

function schema(typeName: string, version: string, description = ''): StoredSchema {
  return { typeName, version, text: JSON.stringify({ name: typeName, version, fields: [], description }) }
}
