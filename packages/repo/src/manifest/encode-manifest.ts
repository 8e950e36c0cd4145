import { sha256 } from '#platform'
import { toHex } from '../hex.ts'
import type { OffsetIndex } from '../shard/offset-index.ts'
import { aggregateOf } from './aggregate.ts'
import type { ManifestColumn } from './columns.ts'
import { encodeSamples, type FilledColumn, isOutOfRange } from './encode-samples.ts'
import { encodeHeader } from './header.ts'
import type { ColumnValues } from './recorder.ts'

/** All that goes into the manifest of one shard. */
export interface ManifestParts {
  /** The URL of the shard. */
  readonly shard: string
  readonly shardSha256: string
  readonly index: OffsetIndex
  readonly columns: readonly ManifestColumn[]
  /** One list per column. */
  readonly values: readonly ColumnValues[]
  readonly schemaType: string
  readonly schemaVersion: string
  readonly createdAt: Date
}

export interface EncodedManifest {
  readonly header: Uint8Array
  readonly samples: Uint8Array
}

/** The two files of a manifest. */
export function encodeManifest(parts: ManifestParts): EncodedManifest {
  const { index, columns, values, shardSha256 } = parts
  const filled = columns.flatMap((column, i) => fill(column, values[i]))
  const samples = encodeSamples(index, filled)
  const header = encodeHeader({
    shardId: shardId(parts.shard),
    schemaType: parts.schemaType,
    schemaVersion: parts.schemaVersion,
    sampleCount: index.sampleCount,
    sizeBytes: index.sizes.reduce((sum, size) => sum + size, 0),
    createdAt: parts.createdAt.toISOString().replace('Z', '000+00:00'),
    aggregates: new Map(filled.map((one) => [one.column.name, aggregateOf(one.column, one.values)])),
    proof: { shardSha256, samplesSha256: toHex(sha256(samples)) },
  })
  return { header, samples }
}

function fill(column: ManifestColumn, values: ColumnValues): FilledColumn[] {
  if (values === undefined) return []
  const filled = { column, values }
  return isOutOfRange(filled) ? [] : [filled]
}

/** What atdata calls a shard: its path or key without `.tar`. */
function shardId(url: string): string {
  return url.replace(/^[a-z][a-z0-9+.-]*:\/\//i, '').replace(/\.tar$/, '')
}
