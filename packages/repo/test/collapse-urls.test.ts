import { expandBraces } from '@shardex/storage'
import { expect, test } from 'vitest'
import { collapseUrls } from '../src/read/collapse-urls.ts'

test('numbered shards become one pattern that expands to them', () => {
  const urls = [9, 10, 11].map((n) => `s3://bucket/odd{name},x/data--00000${n}`.replace(/0+(\d{6})$/, '$1').concat('.tar'))
  expect(collapseUrls(urls)).toBe('s3://bucket/odd\\{name\\}\\,x/data--{000009..000011}.tar')
  expect(expandBraces(collapseUrls(urls))).toEqual(urls)
})

test.each([[[]], [['a.tar']], [['a-000001.tar', 'a-000003.tar']], [['a-000001.tar', 'b-000002.tar']], [['a.tar', 'b.tar']]])(
  '%j has no pattern: the first URL stands for it',
  (urls) => {
    expect(collapseUrls(urls)).toBe(urls[0] ?? '')
  },
)
