import type { Entry, Metadata } from '@shardex/index'
import { expect, test } from 'vitest'
import { Dataset, mirrorsOf } from '../src/index.ts'
import { mirrored } from '../src/read/mirrors.ts'
import { Tiny } from './images.ts'

function entryOf(mirrors: unknown, dataUrls: readonly string[] = ['/data/x.tar']): Entry {
  const metadata = { mirrors } as Metadata
  return { name: 'set', cid: 'bafy', dataUrls, metadata, schemaRef: 'r', wdsUrl: '', sampleKind: '' }
}

test('an entry lists its mirrors as base URLs, with or without / at their end', () => {
  const listed = ['s3://bucket', 's3://bucket/a/', 'https://host/a', 'http://host', '/copies', 'file:///copies/b/']
  expect(mirrorsOf(entryOf(listed))).toEqual([
    's3://bucket/',
    's3://bucket/a/',
    'https://host/a/',
    'http://host/',
    '/copies/',
    '/copies/b/',
  ])
  expect(mirrorsOf({ ...entryOf([]), metadata: undefined })).toEqual([])
})

test.each([
  ['not a list', 's3://bucket'],
  ['more than 16', Array.from({ length: 17 }, (_, i) => `s3://bucket${i}`)],
  ['a number', [7]],
  ['a long URL', [`s3://bucket/${'x'.repeat(2048)}`]],
  ['a scheme that is not read', ['pipe:cat /etc/passwd']],
  ['credentials', ['https://me:secret@host/']],
  ['a relative path', ['copies']],
  ['a query', ['https://host/a?b=c']],
])('%s is no list of mirrors, and the error names the entry', (_, mirrors) => {
  const refused = { code: 'index.corrupt', message: expect.stringContaining('set (bafy)') }
  expect(() => mirrorsOf(entryOf(mirrors))).toThrow(expect.objectContaining(refused))
  expect(() => Dataset.from(Tiny, entryOf(mirrors), { onCorrupt: 'refetch' })).toThrow(expect.objectContaining(refused))
  expect(Dataset.from(Tiny, entryOf(mirrors)).url).toBe('/data/x.tar')
})

test.each([[['s3://bucket/x.tar']], [['/data/x.tar', 'https://host/y.tar']], [['{s3://bucket/x,s3://bucket/y}.tar']]])(
  'remote shards %j have no local mirror',
  (dataUrls) => {
    for (const local of ['/etc', 'file:///etc'])
      expect(() => mirrorsOf(entryOf([local], dataUrls))).toThrow(expect.objectContaining({ code: 'index.corrupt' }))
    expect(mirrorsOf(entryOf(['https://host/'], dataUrls))).toEqual(['https://host/'])
  },
)

test('the file name of a shard follows the base of a mirror, spelled as its scheme wants it', () => {
  const url = (shard: string, mirror: string) => mirrored({ url: shard }, mirror).url
  expect(url('s3://bucket/a/x y.tar', 'https://host/m/')).toBe('https://host/m/x%20y.tar')
  expect(url('https://host/a/x%20y.tar?sig=1', 's3://bucket/m/')).toBe('s3://bucket/m/x y.tar')
  expect(url('/data/x#1.tar', 'https://host/')).toBe('https://host/x%231.tar')
})

test.each(['s3://bucket/..', 'https://host/', 'https://host/a%2Fb', 's3://bucket/a/'])('%s has no file name', (shard) => {
  expect(() => mirrored({ url: shard }, 's3://m/')).toThrow(expect.objectContaining({ code: 'url.invalid' }))
})
