import { describe, expect, test } from 'vitest'
import { tempDir } from '../temp-dir.ts'
import { failureOf, readSource } from './read-source.ts'

describe('JSONL', () => {
  test('types hold for every row, not only for the first ones', async () => {
    await using dir = await tempDir()
    const rows = Array.from({ length: 3000 }, (_, n) => ({ n, share: n === 2999 ? 0.5 : n, note: n === 2998 ? 'late' : null }))
    const path = await dir.write('numbers.jsonl', rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
    const source = await readSource(path)
    expect(source.fields).toEqual(['n: int', 'share: float', 'note: str, optional'])
    expect(source.describe).toBe('3,000 rows of numbers.jsonl')
    expect(source.type.name).toBe('NumbersSample')
    expect(source.all[2999]).toEqual({ n: 2999, share: 0.5 })
  })

  test('integers beyond 2^53 keep every digit, and those beyond 64 bits become text', async () => {
    await using dir = await tempDir()
    const path = await dir.write(
      'big.jsonl',
      '{"a":9007199254740993,"b":18446744073709551615,"c":18446744073709551616}\n{"a":1,"b":-9223372036854775808,"c":2}\n',
    )
    const source = await readSource(path)
    expect(source.fields).toEqual(['a: int', 'b: int', 'c: str'])
    expect(source.all).toEqual([
      { a: 9007199254740993n, b: 18446744073709551615n, c: '18446744073709551616' },
      { a: 1, b: -9223372036854775808n, c: '2' },
    ])
  })

  test('lists of one kind stay lists, what nests becomes JSON text with a notice', async () => {
    await using dir = await tempDir()
    const path = await dir.write(
      'nested.jsonl',
      '{"tags":["a","b"],"box":[1,2.5],"meta":{"id":12345678901234567890}}\n{"tags":[],"box":[],"meta":[[1]]}\n',
    )
    const source = await readSource(path)
    expect(source.fields).toEqual(['tags: list of str', 'box: list of float', 'meta: str'])
    expect(source.all.map(({ meta }) => meta)).toEqual(['{"id":12345678901234567890}', '[[1]]'])
    expect(source.notices).toEqual(['meta: nested or mixed values are kept as JSON text'])
  })

  test('a column __key__ gives the keys', async () => {
    await using dir = await tempDir()
    const source = await readSource(await dir.write('keyed.jsonl', '{"__key__":"b/1","x":1}\n{"__key__":"a","x":2}\n'))
    expect(source.all).toEqual([
      { __key__: 'b/1', x: 1 },
      { __key__: 'a', x: 2 },
    ])
    expect(source.fields).toEqual(['x: int'])
  })

  test.each(['../x', '/etc/passwd', 'a/../../b', 'a.b', '', 'a\u001b[2J', 'a\\b', 'a//b'])(
    'the key %j is refused',
    async (key) => {
      await using dir = await tempDir()
      const path = await dir.write('hostile.jsonl', JSON.stringify({ __key__: key, x: 1 }))
      expect(await failureOf(path)).toMatchObject({ code: 'key.invalid', details: { key } })
    },
  )

  test('blank lines, CRLF, a byte order mark and a missing last line feed are no matter', async () => {
    await using dir = await tempDir()
    const source = await readSource(await dir.write('windows.ndjson', '\ufeff{"x":1}\r\n\r\n{"x":2}'))
    expect(source.all.map(({ x }) => x)).toEqual([1, 2])
  })

  test('a field that no identifier can be is renamed with a notice, and its prototype is nobody else’s', async () => {
    await using dir = await tempDir()
    const source = await readSource(
      await dir.write('names.jsonl', '{"my col":1,"class":2,"__proto__":3,"constructor":4,"größe":5,"2d":6}'),
    )
    expect(source.all).toEqual([{ my_col: 1, class_: 2, proto: 3, constructor_: 4, größe: 5, field_2d: 6 }])
    expect(source.notices).toContain('column "my col" becomes field my_col')
  })

  test.each([
    ['{"x":1}\n{"x":\n', 'line 2'],
    ['{"x":1}\n[1,2]\n', 'an array of 2 at line 2'],
    ['{"x":1}\n7\n', '7 at line 2'],
    ['{"a b":1,"a-b":2}\n', 'the columns "a b" and "a-b"'],
    ['{}\n{}\n', 'rows without any column'],
    [Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 'line 1 with bytes that are no UTF-8'],
  ])('%j is refused where it breaks', async (content, found) => {
    await using dir = await tempDir()
    const path = await dir.write('broken.jsonl', content)
    const error = await failureOf(path)
    expect(error).toMatchObject({ code: 'source.invalid', details: { source: path } })
    expect((error as Error).message).toContain(found)
  })

  test.each([
    ['without an end', 65 * 1024 * 1024, ''],
    ['one byte too long', 64 * 1024 * 1024 - 7, '"}\n'],
  ])('a line %s is refused before memory runs out', async (_what, characters, end) => {
    await using dir = await tempDir()
    const path = await dir.write('huge.jsonl', `{"x":1}\n{"x":"${'y'.repeat(characters)}${end}`)
    expect(await failureOf(path)).toMatchObject({
      code: 'source.invalid',
      details: { found: 'line 2 longer than 67108864 bytes' },
    })
  })

  test('values that ended up as keys are recognised before memory runs out', async () => {
    await using dir = await tempDir()
    const path = await dir.write('wide.jsonl', Array.from({ length: 5000 }, (_, n) => `{"user${n}":1}\n`).join(''))
    expect(await failureOf(path)).toMatchObject({
      code: 'source.invalid',
      details: { found: 'more than 4096 different columns' },
    })
  })

  test('nesting deeper than a stack is an error of the row', async () => {
    await using dir = await tempDir()
    const depth = 200_000
    const path = await dir.write('deep.jsonl', `{"x":${'['.repeat(depth)}${']'.repeat(depth)}}`)
    expect(await failureOf(path)).toMatchObject({ code: 'source.invalid' })
  })

  test('no rows is an empty dataset', async () => {
    await using dir = await tempDir()
    expect(await failureOf(await dir.write('none.jsonl', '\n\n'))).toMatchObject({ code: 'dataset.empty' })
  })

  test('a limit reads and types only the first rows', async () => {
    await using dir = await tempDir()
    const source = await readSource(await dir.write('long.jsonl', '{"x":1}\n{"x":2}\n{"x":"three"}\n'), { limit: 2 })
    expect(source.all.map(({ x }) => x)).toEqual([1, 2])
    expect(source.fields).toEqual(['x: int'])
  })

  test('an abort passes untouched, and progress tells the bytes', async () => {
    await using dir = await tempDir()
    const path = await dir.write('some.jsonl', '{"x":1}\n'.repeat(100_000))
    const seen: number[] = []
    await readSource(path, { limit: 99_999, onProgress: (done, total) => seen.push(done / total) })
    expect(seen.at(-1)).toBeGreaterThan(0.5)
    const stop = new AbortController()
    const reason = new Error('enough')
    expect(await failureOf(path, { signal: stop.signal, onProgress: () => stop.abort(reason) })).toBe(reason)
  })
})

test('a broken line is counted once, and one row is no rows', async () => {
  await using dir = await tempDir()
  const broken = await dir.write('broken.jsonl', '{"id": 1}\n\n{"id": }\n')
  const { message } = (await failureOf(broken)) as Error
  expect(message.match(/line \d+/g)).toEqual(['line 3'])
  expect((await readSource(await dir.write('one.jsonl', '{"id": 1}\n'))).describe).toBe('1 row of one.jsonl')
})
