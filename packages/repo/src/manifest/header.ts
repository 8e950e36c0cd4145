import { describe, ShardexError } from '@shardex/errors'
import type { Aggregate } from './aggregate.ts'
import { parsePythonJson } from './python-json.ts'

/** What a manifest says of a whole shard: `{shard}.manifest.json`, `docs/formats/manifests.md`. */
export interface ManifestHeader {
  readonly shardId: string
  readonly schemaType: string
  /** Empty where it was not known when the shard was written. */
  readonly schemaVersion: string
  readonly sampleCount: number
  /** Of all payloads. */
  readonly sizeBytes: number
  /** ISO 8601. */
  readonly createdAt: string
  readonly aggregates: ReadonlyMap<string, Aggregate>
  /** What ties the manifest to its shard and its two files to each other; not in manifests of atdata. */
  readonly proof?: ManifestProof | undefined
}

/** SHA-256, in hex, of what a manifest belongs to: not who wrote it. */
export interface ManifestProof {
  /** Of the whole tar. */
  readonly shardSha256: string
  /** Of `{shard}.manifest.parquet`. */
  readonly samplesSha256: string
}

const VERSION = '1.0.0'
const MARK_FORMAT = 1
const SHA256 = /^[0-9a-f]{64}$/

export function encodeHeader(header: ManifestHeader): Uint8Array {
  const { proof } = header
  const json = {
    manifest_version: VERSION,
    shard_id: header.shardId,
    schema_type: header.schemaType,
    schema_version: header.schemaVersion,
    num_samples: header.sampleCount,
    size_bytes: header.sizeBytes,
    created_at: header.createdAt,
    aggregates: Object.fromEntries(header.aggregates),
    ...(proof && {
      shardex: { format: MARK_FORMAT, shard_sha256: proof.shardSha256, samples_sha256: proof.samplesSha256 },
    }),
  }
  return new TextEncoder().encode(JSON.stringify(json, undefined, 2))
}

/**
 * Read a header that we wrote, or atdata. An aggregate of a kind that we do not know is left out: nothing can be concluded from it.
 * @param source named in errors, usually the URL
 * @throws `index.corrupt`
 */
export function decodeHeader(bytes: Uint8Array, source: string): ManifestHeader {
  const wrong = (found: string, wanted: string, cause?: unknown) => corruptManifest(source, found, wanted, cause)
  const json = asRecord(parse(bytes, wrong))
  const text = (name: string): string => {
    const value = json?.[name]
    if (typeof value !== 'string') throw wrong(`${name} ${describe(value)}`, 'a text')
    return value
  }
  const count = (name: string): number => {
    const value = json?.[name]
    if (!isCount(value)) throw wrong(`${name} ${describe(value)}`, 'a whole number')
    return value
  }
  const version = text('manifest_version')
  if (!/^1\.\d+\.\d+$/.test(version)) throw wrong(`version ${describe(version)}`, `version ${VERSION}; upgrade to read it`)
  return {
    shardId: text('shard_id'),
    schemaType: text('schema_type'),
    schemaVersion: text('schema_version'),
    sampleCount: count('num_samples'),
    sizeBytes: count('size_bytes'),
    createdAt: text('created_at'),
    aggregates: new Map(
      Object.entries(asRecord(json?.['aggregates']) ?? {}).flatMap(([name, value]) => {
        const aggregate = toAggregate(asRecord(value) ?? {})
        return aggregate === undefined ? [] : [[name, aggregate]]
      }),
    ),
    proof: toProof(json?.['shardex'], wrong),
  }
}

/** @returns `index.corrupt` */
export function corruptManifest(where: string, found: string, wanted: string, cause?: unknown): ShardexError<'index.corrupt'> {
  const message = `the manifest ${where} cannot be used: found ${found}, wanted ${wanted}. Write it again with repo.writeManifests(name, { rewrite: true }).`
  return new ShardexError('index.corrupt', { where, found, wanted }, { message, cause })
}

function parse(bytes: Uint8Array, wrong: (found: string, wanted: string, cause?: unknown) => Error): unknown {
  try {
    return parsePythonJson(new TextDecoder().decode(bytes))
  } catch (cause) {
    throw wrong('text that is not JSON', 'the header of a manifest', cause)
  }
}

function toProof(value: unknown, wrong: (found: string, wanted: string) => Error): ManifestProof | undefined {
  if (value === undefined || value === null) return undefined
  const { format, shard_sha256: shardSha256, samples_sha256: samplesSha256 } = asRecord(value) ?? {}
  if (format !== MARK_FORMAT) throw wrong(`format ${describe(format)}`, `format ${MARK_FORMAT}; upgrade to read it`)
  if (!isDigest(shardSha256) || !isDigest(samplesSha256)) throw wrong('no digests', 'the SHA-256 of shard and samples')
  return { shardSha256, samplesSha256 }
}

function toAggregate(value: Readonly<Record<string, unknown>>): Aggregate | undefined {
  switch (value['type']) {
    case 'numeric': {
      const { min, max, mean, count } = value
      if (!isCount(count)) return undefined
      return { type: 'numeric', min: numberOrNull(min), max: numberOrNull(max), mean: numberOrNull(mean), count }
    }
    case 'categorical': {
      const counts = asRecord(value['value_counts'])
      const { cardinality } = value
      if (!isCount(cardinality) || counts === undefined || !Object.values(counts).every(isCount)) return undefined
      return { type: 'categorical', cardinality, value_counts: counts as Record<string, number> }
    }
    case 'set': {
      const { all_values: values, cardinality } = value
      if (!Array.isArray(values) || !values.every((item) => typeof item === 'string')) return undefined
      return { type: 'set', all_values: values, ...(isCount(cardinality) && { cardinality }) }
    }
    default:
      return undefined
  }
}

/** JSON can hold numbers that are too large to be any. */
function numberOrNull(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return value as Readonly<Record<string, unknown>>
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function isDigest(value: unknown): value is string {
  return typeof value === 'string' && SHA256.test(value)
}
