import { readFileSync } from 'node:fs'
import { isShardexError } from '@shardex/errors'
import { expandBraces } from '@shardex/storage'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

const vectors = JSON.parse(readFileSync(new URL('vectors/atdata-brace-expand.json', import.meta.url), 'utf8')) as {
  brace_expand: Record<string, { ok: string[] }>
}

describe('brace expansion', () => {
  test.each(Object.entries(vectors.brace_expand))('expands %s as atdata does', (pattern, { ok }) => {
    expect(expandBraces(pattern)).toEqual(ok)
  })

  test.each([
    ['plain.tar', ['plain.tar']],
    ['', ['']],
    ['{}', ['{}']],
    ['a,b', ['a,b']],
    ['{0..10..5}', ['0', '5', '10']],
    ['{10..0..-5}', ['10', '5', '0']],
    ['{1..3..0}', ['1', '2', '3']],
    ['{-05..5..5}', ['-05', '000', '005']],
    ['{c..a}', ['c', 'b', 'a']],
    ['{Z..b}', ['Z', 'a', 'b']],
    ['{a..3}', ['{a..3}']],
    ['{1..2', 'unbalanced'],
    ['1..2}', 'unbalanced'],
    ['a}{b', 'unbalanced'],
    ['{a,{b,c}', 'unbalanced'],
    ['{a,b{1..2},c}', ['a', 'b1', 'b2', 'c']],
    ['{{a,b}}', ['{a}', '{b}']],
    ['{,}', ['', '']],
    ['x{,.bak}', ['x', 'x.bak']],
    ['\\{a,b\\}', ['{a,b}']],
    ['{a\\,b,c}', ['a,b', 'c']],
    ['\\\\{1..2}', ['\\1', '\\2']],
    ['{\\1..3}', ['{1..3}']],
    ['end\\', ['end\\']],
  ])('expands %s', (pattern, wanted) => {
    if (wanted === 'unbalanced') expect(() => expandBraces(pattern)).toThrow(/balanced braces/)
    else expect(expandBraces(pattern)).toEqual(wanted)
  })

  test.each([
    '{0..1000000}',
    '{0..999999}{1..2}',
    '{1..999999999999}',
    `{${'0'.repeat(10_000)}1..99999}`,
    '{0..99999999999999999999}',
    `${'{a,b}'.repeat(40)}`,
    `{0..999999}${'x'.repeat(1000)}`,
  ])('refuses %s before making it', (pattern) => {
    expect(() => expandBraces(pattern)).toThrow(expect.objectContaining({ code: 'url.invalid' }))
  })

  test('takes nesting of any depth', () => {
    expect(expandBraces(`${'{'.repeat(20_000)}x${'}'.repeat(20_000)}`)[0]).toHaveLength(40_001)
  })

  test('refuses to lengthen many strings again and again', () => {
    expect(() => expandBraces(`{0..9999}${'{}'.repeat(100)}`, { limit: 10_000 })).toThrow(/too many braces/)
    expect(expandBraces(`a{0..99}${'{}'.repeat(100)}`)).toHaveLength(100)
  })

  test('has a limit that can be set', () => {
    expect(expandBraces('{1..10}', { limit: 10 })).toHaveLength(10)
    expect(() => expandBraces('{1..11}', { limit: 10 })).toThrow(/at most 10/)
  })

  test('makes as many as the parts multiply to, or refuses with url.invalid', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('{', '}', ',', '.', '0', '9', '-', 'a', 'Z', '\\', '..'), maxLength: 30 }),
        (pattern) => {
          try {
            expect(expandBraces(pattern, { limit: 1000 }).length).toBeLessThanOrEqual(1000)
          } catch (error) {
            expect(isShardexError(error, 'url.invalid')).toBe(true)
          }
        },
      ),
    )
    fc.assert(
      fc.property(
        fc.integer({ min: -99, max: 99 }),
        fc.integer({ min: -99, max: 99 }),
        fc.array(fc.stringMatching(/^[a-z]*$/), { minLength: 2, maxLength: 5 }),
        (from, to, words) => {
          const numbers = Array.from({ length: Math.abs(to - from) + 1 }, (_, i) => from + Math.sign(to - from) * i)
          expect(expandBraces(`{${words.join(',')}}/{${from}..${to}}`)).toEqual(
            words.flatMap((word) => numbers.map((number) => `${word}/${number}`)),
          )
        },
      ),
    )
  })
})
