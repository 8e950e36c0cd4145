import { ShardexError } from '@shardex/errors'
import { type CallOptions, type Storage, wholeBody } from '@shardex/storage'
import { sha256 } from '#platform'
import { toHex } from '../hex.ts'
import type { ShardSource } from '../read/plan-shards.ts'
import type { ManifestColumn } from './columns.ts'
import { decodeSamples, type ManifestRows } from './decode-samples.ts'
import { corruptManifest, decodeHeader, type ManifestHeader } from './header.ts'
import { manifestUrls } from './manifest-urls.ts'

/** A manifest is held in memory; whatever claims more than this is none. */
const MAX_HEADER_BYTES = 2 ** 26
const MAX_SAMPLES_BYTES = 2 ** 29

/**
 * The header of a shard's manifest, if it is that of this shard and of no other one.
 * @returns `undefined` if there is none
 * @throws `index.corrupt`
 */
export async function loadHeader(
  storage: Storage,
  { url, description }: ShardSource,
  options: CallOptions = {},
): Promise<ManifestHeader | undefined> {
  const source = manifestUrls(url).header
  const bytes = await load(storage, source, MAX_HEADER_BYTES, options)
  if (bytes === undefined) return undefined
  const header = decodeHeader(bytes, source)
  const { sampleCount, proof } = header
  if (description === undefined) return header
  if (proof !== undefined && proof.shardSha256 !== description.sha256)
    throw corruptManifest(source, `that of a shard with SHA-256 ${proof.shardSha256}`, `SHA-256 ${description.sha256}`)
  if (sampleCount !== description.sampleCount)
    throw corruptManifest(source, `${sampleCount} samples`, `${description.sampleCount} samples`)
  return header
}

/** The rows of the same manifest. @throws `index.corrupt` */
export async function loadRows(
  storage: Storage,
  { url }: ShardSource,
  { proof, sampleCount }: ManifestHeader,
  columns: readonly ManifestColumn[],
  options: CallOptions = {},
): Promise<ManifestRows> {
  const source = manifestUrls(url).samples
  const bytes = await load(storage, source, MAX_SAMPLES_BYTES, options)
  if (bytes === undefined) throw corruptManifest(source, 'nothing', 'the samples that its header tells of')
  if (proof !== undefined && toHex(sha256(bytes)) !== proof.samplesSha256)
    throw corruptManifest(source, 'other bytes', `SHA-256 ${proof.samplesSha256}`)
  const rows = await decodeSamples(bytes, columns, source, { foreign: proof === undefined })
  if (rows.length !== sampleCount) throw corruptManifest(source, `${rows.length} rows`, `${sampleCount} rows`)
  return rows
}

/** @returns `manifest.not_found` */
export function manifestNotFound(shard: string): ShardexError<'manifest.not_found'> {
  const manifest = manifestUrls(shard).header
  const message = `${shard} has no manifest (${manifest}), so it is not known which of its samples to read. Write manifests with repo.writeManifests(name) or \`shardex manifest NAME\`, or insert with { manifest: true }; to read all samples and look at each, query with { scan: true }.`
  return new ShardexError('manifest.not_found', { shard, manifest }, { message })
}

async function load(storage: Storage, url: string, maxBytes: number, options: CallOptions): Promise<Uint8Array | undefined> {
  const { store, key } = await storage.locate(url)
  const body = await store.get(key, options)
  if (body === undefined) return undefined
  if (body.sizeBytes > maxBytes) throw corruptManifest(url, `${body.sizeBytes} bytes`, `at most ${maxBytes} bytes`)
  return wholeBody(body)
}
