import { expect, test } from 'vitest'
import { isPublished } from '../src/find-dataset.ts'

test.each([
  'at://did:plc:abc/science.alt.dataset.entry/3k',
  'AT://alice.test/x',
  'alice.test/photos',
  'Alice.test/team/photos@1.0',
  '@alice.test/photos',
  'did:web:example.com/a b@c@2',
])('%s is of an account', (target) => {
  expect(isPublished(target)).toBe(true)
})

test.each(['photos', 'photos@1.0', 'my photos', 'a.b', 'bafyrei', '/x', 'photos/x', 'a..b/x'])('%s is not', (target) => {
  expect(isPublished(target)).toBe(false)
})
