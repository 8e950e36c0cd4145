import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { printable } from '../../src/output/printable.ts'
import { formatTable } from '../../src/output/table.ts'
import { displayWidth, fit } from '../../src/output/width.ts'

describe('tables', () => {
  test('are aligned by what a terminal shows, not by characters', () => {
    const table = formatTable(
      [{ title: 'name' }, { title: 'samples', align: 'right' }],
      [
        ['日本', '12'],
        ['e\u0301té', '3,786'],
        ['👩‍🚀', '1'],
      ],
    )
    expect(table).toBe(['name  samples', '日本       12', 'e\u0301té     3,786', '👩‍🚀          1'].join('\n'))
  })

  test('fit the terminal: flexible columns give way, widest first', () => {
    const columns = [{ title: 'name', flexible: true }, { title: 'cid' }, { title: 'url', flexible: true }]
    const table = formatTable(columns, [['short', 'bafy', 'x'.repeat(60)]], 40)
    expect(table.split('\n')[1]).toBe(`short  bafy  ${'x'.repeat(26)}…`)
  })

  test('what a row is found by gives way last', () => {
    const columns = [
      { title: 'name', flexible: true, precious: true },
      { title: 'schema', flexible: true },
    ]
    const rows = [['n'.repeat(20), 's'.repeat(15)]]
    expect(formatTable(columns, rows, 30).split('\n')[1]).toBe(`${'n'.repeat(20)}  ${'s'.repeat(7)}…`)
    expect(formatTable(columns, rows, 26).split('\n')[1]).toBe(`${'n'.repeat(15)}…  ${'s'.repeat(7)}…`)
  })

  test('never are wider than the terminal and never obey what is in a cell', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.string({ unit: 'binary' }), { maxLength: 4 }), { maxLength: 5 }),
        fc.integer({ min: 1, max: 60 }),
        (rows, width) => {
          const table = formatTable([{ title: 'a', flexible: true }, { title: 'b', flexible: true }, { title: 'c' }], rows, width)
          const lines = table.split('\n')
          expect(lines).toHaveLength(rows.length + 1)
          for (const line of lines) {
            expect(displayWidth(line)).toBeLessThanOrEqual(width)
            expect(line).not.toMatch(/\p{Cc}/u)
          }
        },
      ),
    )
  })

  test('control characters and those that turn the text around are spelled out', () => {
    expect(printable('a\u001b[2Jb\r\n\u009b31m\u202egnp\ud800')).toBe('a\\x1b[2Jb\\r\\n\\x9b31m\\u202egnp\ufffd')
    expect(printable('naïve 日本 👩‍🚀')).toBe('naïve 日本 👩‍🚀')
  })

  test('a cut text ends with an ellipsis and never inside a character', () => {
    expect(fit('日本語', 4)).toBe('日…')
    expect(fit('👩‍🚀👩‍🚀', 3)).toBe('👩‍🚀…')
    expect(fit('abc', 3)).toBe('abc')
  })
})
