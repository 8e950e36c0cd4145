import { bool, defineLens, defineSample, int, str } from '@shardex/schema'
import { expect, test } from 'vitest'
import type { StoredLens } from '../lens-shelf.ts'
import { LocalIndex } from '../local-index.ts'
import { allItems } from '../paging.ts'
import { listed, type OpenPlace, refusal } from './place-under-test.ts'

export function testLenses(open: OpenPlace): void {
  test('a version of a lens is written once, never over another', async () => {
    await using place = await open()
    const { lenses } = await place.connect()
    expect(await lenses.put(lens('l', '1.0.0', 'one'))).toBe(true)
    expect(await lenses.put(lens('l', '1.0.0', 'two'))).toBe(false)
    expect(await lenses.find('l', '1.0.0')).toBe(lens('l', '1.0.0', 'one').text)
    expect(await lenses.find('l', '1.0.1')).toBeUndefined()
    expect(await lenses.find('other', '1.0.0')).toBeUndefined()
  })

  test('lenses are listed in pages by name and version, and the versions of one name alone', async () => {
    await using place = await open()
    const { lenses } = await place.connect()
    const all = [
      lens('a', '1.0.0'),
      lens('a', '1.10.0'),
      lens('a', '1.9.0'),
      lens('a.b', '1.0.0'),
      lens('ab', '1.0.0'),
      lens('é', '2'),
    ]
    for (const each of all.toReversed()) await lenses.put(each)
    expect(await listed(allItems((page) => lenses.list({ ...page, limit: 2 }), undefined))).toEqual(all)
    expect(await lenses.versions('a')).toEqual(['1.0.0', '1.10.0', '1.9.0'])
    expect(await lenses.versions('none')).toEqual([])
  })
}

const Review = defineSample('m.Review', { text: str(), stars: int(), spam: bool() })
const Line = defineSample('m.Line', { body: str(), stars: str() })
const plain = defineLens(Review, defineSample('m.Text', { text: str() }))
const cast = defineLens(Review, Line, { fields: { body: 'text', stars: { field: 'stars', cast: 'str' } } })

/** What an index makes of lenses, on any backend. */
export function testLensesOfIndex(open: OpenPlace): void {
  test('a lens is stored with its schemas, and loaded as the same lens, transforms and all', async () => {
    await using place = await open()
    const index = new LocalIndex({ provider: await place.connect() })
    const ref = await index.storeLens(cast, { name: 'line', description: 'a line' })
    expect(ref).toBe('atdata://local/lens/line@1.0.0')
    const loaded = await index.loadLens(ref)
    expect(loaded.get({ text: 'good', stars: 4, spam: false })).toEqual({ body: 'good', stars: '4' })
    expect(loaded.put({ body: 'bad', stars: '1' }, { text: 'good', stars: 4, spam: true })).toEqual({
      text: 'bad',
      stars: 1,
      spam: true,
    })
    expect(await index.getLens(ref)).toMatchObject({
      $ref: ref,
      sourceSchema: 'Review',
      viewSchema: 'Line',
      description: 'a line',
    })
    expect(await index.getLens('atdata://local/lens/line@9.0.0')).toBeUndefined()
    await refusal(index.loadLens('atdata://local/lens/line@9.0.0'), 'lens.not_found')
    await refusal(index.getLens('atdata://local/schema/line@1.0.0'), 'ref.invalid')
  })

  test('the same lens keeps its version, another one gets the next, and a version is never another lens', async () => {
    await using place = await open()
    const index = new LocalIndex({ provider: await place.connect() })
    expect(await index.storeLens(plain, { name: 'l' })).toMatch(/@1\.0\.0$/)
    expect(await index.storeLens(plain, { name: 'l', description: 'again' })).toMatch(/@1\.0\.0$/)
    expect(await index.storeLens(cast, { name: 'l' })).toMatch(/@1\.0\.1$/)
    expect(await index.storeLens(plain, { name: 'l', version: '1.10.0' })).toMatch(/@1\.10\.0$/)
    expect(await index.storeLens(cast, { name: 'l' })).toMatch(/@1\.10\.1$/)
    expect(await index.storeLens(plain, { name: 'l', version: '1.0.0' })).toMatch(/@1\.0\.0$/)
    const error = await refusal(index.storeLens(cast, { name: 'l', version: '1.0.0' }), 'lens.conflict')
    expect(error.details.ref).toBe('atdata://local/lens/l@1.0.0')
    await refusal(index.storeLens(cast, { name: 'l', version: 'one' }), 'ref.invalid')
    await refusal(index.storeLens(cast, { name: 'a/b' }), 'ref.invalid')
    expect((await listed(index.listLenses())).map(({ $ref }) => $ref.slice('atdata://local/lens/'.length))).toEqual([
      'l@1.0.0',
      'l@1.0.1',
      'l@1.10.0',
      'l@1.10.1',
    ])
    expect((await listed(index.findLenses('Review', 'Line'))).map(({ version }) => version)).toEqual(['1.0.1', '1.10.1'])
    expect(await listed(index.findLenses('Line'))).toEqual([])
  })

  test('many that store lenses at once get a version each', async () => {
    await using place = await open()
    const indexes = await Promise.all([0, 1, 2, 3].map(async () => new LocalIndex({ provider: await place.connect() })))
    const constants = indexes.map((_, i) => defineLens(Review, Line, { fields: { body: 'text', stars: { const: String(i) } } }))
    const refs = await Promise.all(indexes.map((index, i) => index.storeLens(constants[i]!, { name: 'l' })))
    expect(new Set(refs).size).toBe(4)
    for (const [i, ref] of refs.entries()) expect((await indexes[0]!.loadLens(ref)).mapping).toEqual(constants[i]!.mapping)
  })

  test('code is neither stored nor run, and a record that is none is told', async () => {
    await using place = await open()
    const provider = await place.connect()
    const index = new LocalIndex({ provider })
    const coded = defineLens(Review, Line, { get: ({ text }) => ({ body: text, stars: '' }) })
    await refusal(index.storeLens(coded, { name: 'coded' }), 'lens.invalid')
    expect(await listed(index.listSchemas())).toEqual([])
    const record = { name: 'ren', version: '1.0.0', source_schema: 'Review', view_schema: 'Line', putter: { kind: 'opaque' } }
    const getter = { kind: 'code_reference', module: 'os', qualname: 'getcwd' }
    await provider.lenses.put({ name: 'ren', version: '1.0.0', text: JSON.stringify({ ...record, getter }) })
    await provider.lenses.put({ name: 'torn', version: '1.0.0', text: '{' })
    expect((await listed(index.listLenses())).map(({ code }) => code)).toEqual(['os.getcwd'])
    const error = await refusal(index.loadLens('atdata://local/lens/ren@1.0.0'), 'lens.invalid')
    expect(error.details.found).toBe('Python code (os.getcwd)')
    await refusal(index.getLens('atdata://local/lens/torn@1.0.0'), 'index.corrupt')
  })

  test('a lens whose putter is code is loaded to be seen through, and brings nothing back', async () => {
    await using place = await open()
    const provider = await place.connect()
    const index = new LocalIndex({ provider })
    const getter = { kind: 'field_mapping', mappings: [{ source_field: 'text', view_field: 'body', transform: null }] }
    const record = {
      name: 'l',
      version: '1.0.0',
      source_schema: 'Review',
      view_schema: 'Body',
      getter,
      putter: { kind: 'opaque' },
    }
    await provider.lenses.put({ name: 'l', version: '1.0.0', text: JSON.stringify(record) })
    const types = { source: Review, view: defineSample('m.Body', { body: str() }) }
    const loaded = await index.loadLens('atdata://local/lens/l@1.0.0', types)
    const sample = { text: 'good', stars: 4, spam: false }
    expect(loaded.get(sample)).toEqual({ body: 'good' })
    await refusal((async () => loaded.put({ body: 'bad' }, sample))(), 'lens.invalid')
    await refusal(index.storeLens(loaded, { name: 'again' }), 'lens.invalid')
  })
}

function lens(name: string, version: string, description = ''): StoredLens {
  return { name, version, text: JSON.stringify({ name, version, description }) }
}
