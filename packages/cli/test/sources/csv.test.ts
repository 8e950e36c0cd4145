import { describe, expect, test } from 'vitest'
import { tempDir } from '../temp-dir.ts'
import { failureOf, readSource } from './read-source.ts'

describe('CSV', () => {
  test('cells are what they spell: bool, int, float or text', async () => {
    await using dir = await tempDir()
    const path = await dir.write(
      'mixed.csv',
      'flag,count,share,zip,mixed,huge\ntrue,1,0.5,00501,1,184467440737095516160\nFalse,-2,3,10001,yes,2\nTRUE,9007199254740993,nan,90210,,3\n',
    )
    const source = await readSource(path)
    expect(source.fields).toEqual(['flag: bool', 'count: int', 'share: float', 'zip: str', 'mixed: str, optional', 'huge: str'])
    expect(source.all).toEqual([
      { flag: true, count: 1, share: 0.5, zip: '00501', mixed: '1', huge: '184467440737095516160' },
      { flag: false, count: -2, share: 3, zip: '10001', mixed: 'yes', huge: '2' },
      { flag: true, count: 9007199254740993n, share: Number.NaN, zip: '90210', huge: '3' },
    ])
  })

  test('quoted cells hold commas, quotes and line breaks', async () => {
    await using dir = await tempDir()
    const source = await readSource(await dir.write('quoted.csv', '\ufefftext,n\r\n"a, ""b""\nc",1\r\n'))
    expect(source.all).toEqual([{ text: 'a, "b"\nc', n: 1 }])
  })

  test.each([
    ['semicolons, as spreadsheets write where the comma is decimal', 'text;"a,b"\nx;1,5\n'],
    ['tabs', 'text\t"a,b"\nx\t1,5\n'],
    ['commas, whatever else is in the header', 'text,"a,b",c;d\nx,"1,5",\n'],
  ])('a file is cut at %s', async (_, content) => {
    await using dir = await tempDir()
    const source = await readSource(await dir.write('cut.csv', content))
    expect(source.all).toMatchObject([{ text: 'x', a_b: '1,5' }])
  })

  test('a TSV is cut at tabs, and a column without a name gets its number', async () => {
    await using dir = await tempDir()
    const source = await readSource(await dir.write('frame.tsv', '\tx\n0\ta,b\n1\tc\n'))
    expect(source.fields).toEqual(['column_1: int', 'x: str'])
  })

  test.each([
    ['a,b\n1,2\n3\n', /line 3/],
    ['a,b\n1,2,3\n', /line 2/],
    ['a,b\n1,"2\n', /quote/i],
    ['a,b,a\n1,2,3\n', /the column "a" twice/],
    [Buffer.from('a\n\xe9\n', 'latin1'), /no UTF-8/],
    [`a\n"${'x'.repeat(17 * 1024 * 1024)}"\n`, /max/i],
  ])('broken CSV %# is refused where it breaks', async (content, message) => {
    await using dir = await tempDir()
    const error = await failureOf(await dir.write('broken.csv', content))
    expect(error).toMatchObject({ code: 'source.invalid' })
    expect((error as Error).message).toMatch(message)
  })

  test('a header without rows is an empty dataset', async () => {
    await using dir = await tempDir()
    expect(await failureOf(await dir.write('none.csv', 'a,b\n'))).toMatchObject({ code: 'dataset.empty' })
  })
})
