import { dagCborCid, entryCid } from '@shardex/index'
import { describe, expect, test } from 'vitest'
import { readVectors } from './vectors.ts'

interface CidVectors {
  readonly entries: readonly { schema_ref: string; data_urls: string[]; cid: string }[]
  readonly generate_cid: readonly { value: Tagged; cid: string; dag_cbor_hex: string }[]
}
/** How the vectors write what JSON cannot: `$int`, `$float`, `$bytes`, `$map` with ordered pairs. */
type Tagged = null | boolean | string | readonly Tagged[] | { readonly [tag: string]: unknown }

const vectors = readVectors<CidVectors>('atdata-cids')

describe('the CID of an entry', () => {
  test.each(vectors.entries.map((entry) => [entry.schema_ref, entry.data_urls.length, entry] as const))(
    'is that of atdata: %s, %i URLs',
    (...[, , entry]) => {
      expect(entryCid({ schemaRef: entry.schema_ref, dataUrls: entry.data_urls })).toBe(entry.cid)
    },
  )

  test('depends on the order of the URLs and on their Unicode normal form', () => {
    const cids = [['a', 'b'], ['b', 'a'], ['é'], ['e\u0301']].map((dataUrls) => entryCid({ schemaRef: 'x', dataUrls }))
    expect(new Set(cids).size).toBe(4)
  })
})

describe('the CID of any value', () => {
  // JavaScript has one number type: 1.0 and -0.0 become integers. The specification lists both as known differences.
  const different = ['f93c00', 'fb3ff0000000000000', 'fb8000000000000000']
  const cases = vectors.generate_cid.filter((vector) => !different.includes(vector.dag_cbor_hex))

  test('has vectors', () => expect(cases.length).toBeGreaterThan(15))

  test.each(cases.map((vector) => [vector.dag_cbor_hex.slice(0, 40), vector] as const))(
    'is that of atdata: %s',
    (_, { value, cid }) => {
      expect(dagCborCid(untag(value))).toBe(cid)
    },
  )
})

function untag(value: Tagged): unknown {
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map(untag)
  const [[tag, content] = ['', undefined]] = Object.entries(value)
  if (tag === '$int') return Number.isSafeInteger(Number(content)) ? Number(content) : BigInt(content as string)
  if (tag === '$float') return Number(content)
  if (tag === '$bytes') return Buffer.from(content as string, 'hex')
  if (tag === '$map') return Object.fromEntries((content as [string, Tagged][]).map(([key, item]) => [key, untag(item)]))
  throw new TypeError(`the vectors have a tag ${tag} that this test does not know`)
}
