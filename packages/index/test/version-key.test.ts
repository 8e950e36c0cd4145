import { compareVersions } from '@shardex/schema'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { versionKey } from '../src/version-key.ts'

const number = fc.oneof(fc.nat(12), fc.nat(2 ** 40)).map(String)
const identifier = fc.oneof(number, fc.stringMatching(/^[0-9A-Za-z-]*[A-Za-z-][0-9A-Za-z-]*$/, { maxLength: 4 }))
const identifiers = fc.array(identifier, { minLength: 1, maxLength: 3 }).map((list) => list.join('.'))
const version = fc
  .tuple(number, number, number, fc.option(identifiers), fc.option(identifiers))
  .map(
    ([major, minor, patch, pre, build]) =>
      `${major}.${minor}.${patch}${pre === null ? '' : `-${pre}`}${build === null ? '' : `+${build}`}`,
  )

test('keys of versions sort by bytes as versions sort by semver', () => {
  fc.assert(
    fc.property(version, version, (a, b) => {
      const byBytes = Buffer.compare(Buffer.from(versionKey(a)), Buffer.from(versionKey(b)))
      expect(Math.sign(byBytes)).toBe(Math.sign(compareVersions(a, b)))
    }),
    { numRuns: 2000 },
  )
})

test('what is no version sorts before every version', () => {
  for (const text of ['', 'zebra', 'v1.0.0', '1.0', '1.0.0.0', '-1.0.0'])
    expect(versionKey(text) < versionKey('0.0.0-0')).toBe(true)
})
