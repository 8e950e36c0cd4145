import { describe, expect, test } from 'vitest'
import { compareVersions, formatSchemaRef, isVersion, latestVersion, nextPatch, parseSchemaRef } from '../src/index.ts'
import { refusalOf } from './refusals.ts'
import { loadVectors } from './vectors.ts'

interface RefVectors {
  parse_schema_ref: Record<string, { ok?: [string, string]; error?: string }>
  increment_patch: Record<string, { ok?: string; error?: string }>
  parse_semver: Record<string, { ok?: number[]; error?: string }>
  find_latest_semver: { in: string[]; out: string | null }[]
}

const vectors = loadVectors<RefVectors>('atdata-refs')

describe('references to schemas', () => {
  // The Python reader dropped a form its own ancestors wrote, and takes references that name nothing.
  const asWeDo: RefVectors['parse_schema_ref'] = {
    ...vectors.parse_schema_ref,
    'atdata://local/sampleSchema/S@1.0.0': { ok: ['S', '1.0.0'] },
    'atdata://local/schema/@1': { error: 'no name' },
    'atdata://local/schema/S@a@b': { error: 'a name with @' },
  }
  for (const [ref, { ok }] of Object.entries(asWeDo)) {
    test(`${ref} ${ok === undefined ? 'is refused' : `names ${ok[0]} at ${ok[1]}`}`, () => {
      if (ok === undefined) expect(refusalOf('ref.invalid', () => parseSchemaRef(ref)).details.ref).toBe(ref)
      else expect(parseSchemaRef(ref)).toMatchObject({ typeName: ok[0], version: ok[1] })
    })
  }

  test('the form we write keeps the module and is read back', () => {
    const ref = formatSchemaRef('mymodule.ImageSample', '1.0.0')
    expect(ref).toBe('local://schemas/mymodule.ImageSample@1.0.0')
    expect(parseSchemaRef(ref)).toEqual({ name: 'mymodule.ImageSample', typeName: 'ImageSample', version: '1.0.0' })
  })

  test.each([
    ['', '1.0.0'],
    ['a/b', '1.0.0'],
    ['a..b', '1.0.0'],
    ['a@b', '1.0.0'],
    ['a\n', '1.0.0'],
    ['A', ''],
    ['A', '1.0.0/..'],
    ['A', '1 0'],
  ])('name %j at version %j has no reference', (name, version) => {
    refusalOf('ref.invalid', () => formatSchemaRef(name, version))
  })
})

describe('versions', () => {
  for (const [text, { ok }] of Object.entries(vectors.parse_semver)) {
    // Python's int() also takes spaces and signs.
    const isStrict = ok !== undefined && !/^[ -]/.test(text)
    test(`${JSON.stringify(text)} is ${isStrict ? 'a' : 'no'} version`, () => {
      expect(isVersion(text)).toBe(isStrict)
      const [major = 0, minor = 0, patch = 0] = ok ?? []
      expect(nextPatch([text])).toBe(isStrict ? `${major}.${minor}.${patch + 1}` : '1.0.0')
    })
  }

  for (const [text, { ok }] of Object.entries(vectors.increment_patch)) {
    // What is no version for Python or for us does not count, and a candidate is followed by its release.
    const next = text === '01.02.03' ? '1.0.0' : (ok ?? '1.0.0')
    test(`after ${text} comes ${next}`, () => expect(nextPatch([text])).toBe(next))
  }

  for (const { in: versions, out } of vectors.find_latest_semver) {
    // "01.0.0" is the highest for Python and no version for us.
    const latest = out === '01.0.0' ? '1.0.0' : (out ?? undefined)
    test(`the latest of ${JSON.stringify(versions)} is ${latest}`, () => expect(latestVersion(versions)).toBe(latest))
  }

  test('the first version is 1.0.0, and what is no version does not count', () => {
    expect(nextPatch([])).toBe('1.0.0')
    expect(nextPatch(['v3.0.0', 'latest'])).toBe('1.0.0')
    expect(nextPatch(['1.9.0', '1.10.0', 'x', '1.2.0'])).toBe('1.10.1')
    expect(nextPatch(['2.0.0-rc.1', '1.0.0'])).toBe('2.0.0')
  })

  test('versions sort as numbers, a candidate before its release', () => {
    expect(['1.10.0', '1.9.0', '1.10.0-rc.2', '1.10.0-rc.10'].sort(compareVersions)).toEqual([
      '1.9.0',
      '1.10.0-rc.2',
      '1.10.0-rc.10',
      '1.10.0',
    ])
    expect(['1.0.0', 'v1.0.0', ' 1.0.0', '1.0.0\n', '1.0', '1.0.0+b.1', '1.0.0-a.1'].map(isVersion)).toEqual([
      true,
      false,
      false,
      false,
      false,
      true,
      true,
    ])
  })
})
