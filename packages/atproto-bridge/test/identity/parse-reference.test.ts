import { isShardexError } from '@shardex/errors'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatRecordUri, parseReference } from '../../src/identity/parse-reference.ts'

test.each([
  [
    'at://did:plc:abc/science.alt.dataset.entry/3k',
    { authority: 'did:plc:abc', collection: 'science.alt.dataset.entry', rkey: '3k' },
  ],
  ['at://Alice.Example.com/a.b.c/self', { authority: 'alice.example.com', collection: 'a.b.c', rkey: 'self' }],
  ['alice.test/photos', { authority: 'alice.test', name: 'photos' }],
  ['@alice.test/photos@1.0', { authority: 'alice.test', name: 'photos', version: '1.0' }],
  ['did:web:example.com/a b@c@2', { authority: 'did:web:example.com', name: 'a b@c', version: '2' }],
  ['alice.test/team/photos', { authority: 'alice.test', name: 'team/photos' }],
])('%s is %o', (text, parsed) => {
  expect(parseReference(text)).toEqual(parsed)
})

test.each([
  'at://',
  'at://alice.test',
  'at://alice.test/a.b.c',
  'at://alice.test/a.b.c/d/e',
  'at://alice/a.b.c/d',
  'at://alice.test/a.b.c/..',
  'at://alice.test/a.b.c/d#x',
  'alice.test/',
  '@/x',
  '/x',
  'x',
])('%s is none', (text) => {
  expect(() => parseReference(text)).toThrow(expect.objectContaining({ code: 'ref.invalid' }))
})

test('whatever the text is, it is a reference that can be written again, or it is refused', () => {
  const part = fc.oneof(
    fc.constantFrom('at://', 'did:plc:a', 'alice.test', '/', '@', '..', 'a.b.c', '%2F', '\u0000'),
    fc.string(),
  )
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
      const text = parts.join('')
      try {
        const parsed = parseReference(text)
        if ('rkey' in parsed) expect(parseReference(formatRecordUri(parsed))).toEqual(parsed)
      } catch (error) {
        if (!isShardexError(error, 'ref.invalid')) throw error
      }
    }),
  )
})
