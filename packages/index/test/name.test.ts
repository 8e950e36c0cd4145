import { assertName, defaultLocation, isName, MAX_NAME_BYTES } from '@shardex/index'
import { describe, expect, test } from 'vitest'

describe('a dataset name', () => {
  test.each(['a', 'my-dataset', 'training images v1', 'é😀', 'a.b', '...', 'a:b*?[x]', 'x'.repeat(MAX_NAME_BYTES)])(
    'may be %j',
    (name) => {
      expect(isName(name)).toBe(true)
    },
  )

  test.each([
    ['', 'empty'],
    [' a', 'a space at an end'],
    ['a\u00A0', 'a space at an end'],
    ['a/b', 'a "/"'],
    ['a@b', 'an "@", which separates a name from the version of a label'],
    ['a\0b', 'a control character or line break'],
    ['a\tb', 'a control character or line break'],
    ['a\u0085b', 'a control character or line break'],
    ['..', 'a path, not a name'],
    ['\uD800', 'half of a surrogate pair, which is not text'],
    ['é'.repeat(101), 'more than 200 bytes'],
    ['x'.repeat(1e6), 'more than 200 bytes'],
  ])('may not be %j', (name, found) => {
    expect(isName(name)).toBe(false)
    expect(() => assertName(name)).toThrow(
      expect.objectContaining({ code: 'name.invalid', details: expect.objectContaining({ found }) as unknown }),
    )
  })

  test.each([
    ['x'.repeat(201), 'at most 200 bytes'],
    ['é'.repeat(101), 'at most 200 bytes'],
    ['.', 'other than one or two dots'],
    ['..', 'other than one or two dots'],
    ['', 'at least one character'],
    ['a/b', 'text without "/"'],
  ])('is advised by what is wrong with it: %j', (name, wanted) => {
    expect(() => assertName(name)).toThrow(wanted)
  })

  test('is text', () => {
    expect(isName(7)).toBe(false)
    expect(() => assertName(undefined)).toThrow(expect.objectContaining({ code: 'name.invalid' }))
  })
})

describe('where the index is, if nobody says', () => {
  test('is Redis where the environment names one', () => {
    expect(defaultLocation({ REDIS_URL: 'redis://here', SHARDEX_HOME: '/x' })).toEqual({ redis: 'redis://here' })
  })

  test('is a file, in the home of shardex', () => {
    expect(defaultLocation({ SHARDEX_HOME: '/x' })).toEqual({ path: '/x/index.db' })
    expect(defaultLocation({ REDIS_URL: '' })).toMatchObject({
      path: expect.stringMatching(/[/\\]\.shardex[/\\]index\.db$/) as string,
    })
  })
})
