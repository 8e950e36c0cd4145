import { describe, expect, test } from 'vitest'
import { tempDir } from '../temp-dir.ts'
import { failureOf, readSource } from './read-source.ts'

describe('JSON', () => {
  test('an array of objects is a table; a flag that was also counted is an int', async () => {
    await using dir = await tempDir()
    const source = await readSource(await dir.write('flags.json', '[{"seen":true,"ok":true},{"seen":2,"ok":false}]'))
    expect(source.fields).toEqual(['seen: int', 'ok: bool'])
    expect(source.all.map(({ seen }) => seen)).toEqual([1, 2])
  })

  test.each([
    ['{"a":1}', 'an object at the top'],
    ['[{"a":1},7]', '7 at element 1'],
    ['{"a":1}\n{"a":2}\n', 'say --format jsonl'],
    ['[{"a":1}', 'text that is not JSON'],
  ])('%j is refused', async (content, found) => {
    await using dir = await tempDir()
    const error = await failureOf(await dir.write('broken.json', content))
    expect(error).toMatchObject({ code: 'source.invalid' })
    expect((error as Error).message).toContain(found)
  })
})
