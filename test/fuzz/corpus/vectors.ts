import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'

// What atdata wrote, and a second implementation of the content format: the golden vectors of the packages' own tests.

export function arrayVectors(): Uint8Array[] {
  const { encode, decode_errors, legacy_npy_decode, structured_npy } = load<{
    encode: { bytes_hex: string; legacy_npy_hex?: string }[]
    decode_errors: { bytes_hex: string }[]
    legacy_npy_decode: { bytes_hex: string }[]
    structured_npy: { npy_hex: string }[]
  }>('packages/schema/test/vectors/atdata-arrays.json')
  return [
    ...encode.flatMap(({ bytes_hex, legacy_npy_hex }) => [bytes_hex, legacy_npy_hex ?? '']),
    ...[...decode_errors, ...legacy_npy_decode].map(({ bytes_hex }) => bytes_hex),
    ...structured_npy.map(({ npy_hex }) => npy_hex),
  ].map(fromHex)
}

export function sampleVectors(): Uint8Array[] {
  const { samples } = load<{ samples: { packed_hex: string | null }[] }>('packages/schema/test/vectors/atdata-samples.json')
  return samples.map(({ packed_hex }) => fromHex(packed_hex ?? ''))
}

export function schemaVectors(): string[] {
  const { schemas } = load<{ schemas: { stored_json_text: string }[] }>('packages/schema/test/vectors/atdata-schemas.json')
  return schemas.map(({ stored_json_text }) => stored_json_text)
}

export function refVectors(): string[] {
  const { parse_schema_ref, parse_semver } = load<Record<'parse_schema_ref' | 'parse_semver', object>>(
    'packages/schema/test/vectors/atdata-refs.json',
  )
  return [...Object.keys(parse_schema_ref), ...Object.keys(parse_semver)]
}

export function recordVectors(): string[] {
  const { createRecord_calls, legacy_shapes } = load<Record<'createRecord_calls' | 'legacy_shapes', { record: object }[]>>(
    'packages/atproto-bridge/test/vectors/atdata-records.json',
  )
  return [...createRecord_calls, ...legacy_shapes].map(({ record }) => JSON.stringify(record))
}

export function braceVectors(): string[] {
  const { brace_expand } = load<{ brace_expand: object }>('packages/storage/test/vectors/atdata-brace-expand.json')
  return Object.keys(brace_expand)
}

export function dataUrlsVectors(): Uint8Array[] {
  const { entries } = load<{ entries: { redis_hash_hex: { data_urls: string; metadata?: string } }[] }>(
    'packages/index/test/vectors/atdata-index-storage.json',
  )
  return entries.flatMap(({ redis_hash_hex: { data_urls, metadata } }) => [fromHex(data_urls), fromHex(metadata ?? '80')])
}

export function shardVectors(): Uint8Array[] {
  const { shards } = load<{ shards: { tar_b64_gzip: string }[] }>('test/interop/vectors/atdata-shards.json')
  return shards.map(({ tar_b64_gzip }) => new Uint8Array(gunzipSync(Buffer.from(tar_b64_gzip, 'base64'))))
}

/** Bytes are in hex. */
export interface ContentVector {
  readonly contentCid: string
  readonly proof: {
    readonly key: string
    readonly payload: string
    readonly content: string
    readonly shard: string
    readonly shardPosition: number
    readonly samplePosition: number
    readonly shardPath: readonly string[]
    readonly samplePath: readonly string[]
  }
}

export function manifestHeaders(): string[] {
  const { header_json_text, empty_header_json_text } = load<Record<'header_json_text' | 'empty_header_json_text', string>>(
    'packages/repo/test/vectors/atdata-manifest.json',
  )
  return [load<{ header: string }>('packages/repo/test/vectors/manifest.json').header, header_json_text, empty_header_json_text]
}

export function manifestSamples(): Uint8Array[] {
  return [fromHex(load<{ parquet_hex: string }>('packages/repo/test/vectors/manifest.json').parquet_hex)]
}

export function atdataLenses(): string[] {
  const { local_lens_json } = load<{ local_lens_json: object[] }>('packages/schema/test/vectors/atdata-records.json')
  return local_lens_json.map((record) => JSON.stringify(record))
}

export function contentVectors(): ContentVector[] {
  return load('packages/repo/test/vectors/content.json')
}

export function fromHex(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, 'hex'))
}

function load<T>(path: string): T {
  return JSON.parse(readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')) as T
}
