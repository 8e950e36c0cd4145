import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseMetadata } from '../../src/parse-metadata.ts'
import { parseSize } from '../../src/parse-size.ts'
import { splitFolder } from '../../src/split-folder.ts'
import { suggest } from '../../src/suggest.ts'

test('sizes are read in decimal and binary units', () => {
  const sizes = ['4096', '1kB', '256MB', '256 MiB', '1.5GiB', '2T'].map((text) => parseSize('--maxsize', text))
  expect(sizes).toEqual([4096, 1000, 256e6, 256 * 2 ** 20, 1.5 * 2 ** 30, 2e12])
})

test.each(['', '0', '-1', '1e3', '1 parsec', '0.0001', '9'.repeat(13), 'NaN', '1kB2'])('%j is no size', (text) => {
  expect(() => parseSize('--maxsize', text)).toThrow('--maxsize')
})

test('metadata are texts under keys, and the members of JSON objects; later ones win', () => {
  expect(parseMetadata([])).toBeUndefined()
  expect(parseMetadata(['a=1', '{"a": 2, "b": [true, null]}', 'c=x=y'])).toEqual({ a: 2, b: [true, null], c: 'x=y' })
})

test('the nearest candidate is suggested, and nothing far', () => {
  const commands = ['insert', 'ls', 'show', 'head', 'verify', 'schema publish']
  expect(suggest('isnert', commands)).toBe('insert')
  expect(suggest('verfy', commands)).toBe('verify')
  expect(suggest('sho', commands)).toBe('show')
  expect(suggest('remove', commands)).toBeUndefined()
  expect(suggest('', commands)).toBeUndefined()
})

test('any text gets a suggestion or none, quickly', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 5000 }), (text) => [undefined, 'insert', 'ls'].includes(suggest(text, ['insert', 'ls']))),
  )
})

test('the folder that all URLs share is split off', () => {
  expect(splitFolder(['s3://b/x/1.tar', 's3://b/x/2.tar'])).toEqual({ folder: 's3://b/x/', names: ['1.tar', '2.tar'] })
  expect(splitFolder(['/a/1.tar', '/b/2.tar'])).toEqual({ folder: '', names: ['/a/1.tar', '/b/2.tar'] })
  expect(splitFolder([])).toEqual({ folder: '', names: [] })
})
