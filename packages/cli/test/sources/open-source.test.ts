import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openSource } from '../../src/sources/open-source.ts'
import { tempDir } from '../temp-dir.ts'
import { collect, failureOf, readSource } from './read-source.ts'

describe('openSource', () => {
  test('looks into a file whose name does not tell its format', async () => {
    await using dir = await tempDir()
    expect((await readSource(await dir.write('lines', ' {"x":1}\n{"x":2}'))).all).toHaveLength(2)
    expect((await readSource(await dir.write('list', '[{"x":1}]'))).all).toHaveLength(1)
    expect((await readSource(await dir.write('table', 'x\n1\n'), { format: 'csv' })).all).toHaveLength(1)
    expect(await failureOf(await dir.write('what', 'hello'))).toMatchObject({ code: 'source.invalid' })
  })

  test('a path that is not there is said to be not there', async () => {
    await using dir = await tempDir()
    expect(await failureOf(join(dir.path, 'nope.csv'))).toMatchObject({ code: 'storage.not_found' })
  })

  test.runIf(process.platform !== 'win32')(
    'pipes and devices, which cannot be read twice, are refused before they are read',
    async () => {
      await using dir = await tempDir()
      const pipe = join(dir.path, 'rows.jsonl')
      execFileSync('mkfifo', [pipe])
      await dir.write('photos/a.jpg', 'x')
      for (const [path, options] of [
        [pipe, {}],
        [pipe, { format: 'csv' }],
        ['/dev/null', {}],
        ['/dev/null', { format: 'tar' }],
        [join(dir.path, 'photos'), { labels: pipe }],
      ] as const) {
        const message = expect.stringContaining('save it to a file first')
        expect(await failureOf(path, options)).toMatchObject({ code: 'source.invalid', message })
      }
    },
  )

  test('options that do not go with the path are refused', async () => {
    await using dir = await tempDir()
    const file = await dir.write('x.csv', 'a\n1\n')
    expect(await failureOf(file, { format: 'folder' })).toMatchObject({ code: 'usage.invalid' })
    expect(await failureOf(dir.path, { format: 'csv' })).toMatchObject({ code: 'usage.invalid' })
    expect(await failureOf(file, { labels: file })).toMatchObject({ code: 'usage.invalid' })
    expect(await failureOf(file, { limit: 0 })).toMatchObject({ code: 'usage.invalid' })
    expect(await failureOf(file, { schemaName: 'no name' })).toMatchObject({ code: 'schema.invalid' })
  })

  test('samples can be read again, and a file that changed meanwhile is an error that names the row', async () => {
    await using dir = await tempDir()
    const path = await dir.write('x.csv', 'a\n1\n2\n')
    await using source = await openSource(path)
    for (let round = 0; round < 2; round++) {
      expect((await collect(source)).map(({ a }) => a)).toEqual([1, 2])
    }
    await dir.write('x.csv', 'a\n1\ntwo\n')
    await expect(collect(source)).rejects.toMatchObject({
      code: 'source.invalid',
      message: expect.stringContaining('row 2, column "a"'),
    })
    await dir.write('x.csv', 'a\n1\n')
    await expect(collect(source)).rejects.toMatchObject({ code: 'source.invalid' })
  })
})
