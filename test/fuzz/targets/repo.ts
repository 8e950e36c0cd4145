import { deepStrictEqual, ok } from 'node:assert'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { isShardexError } from '@shardex/errors'
import type { Entry, Metadata } from '@shardex/index'
import { Dataset, decodeOffsetIndex, INDEX_SUFFIX, mirrorsOf, type SampleProof, verifyProof } from '@shardex/repo'
import { parseUrl } from '@shardex/storage'
import { sha256 } from '../../../packages/repo/src/platform/node.ts'
import { contentCid, decodeContent, decodeShard } from '../../../packages/repo/src/proof/content.ts'
import { readForeignShard } from '../../../packages/repo/src/read/foreign-shard.ts'
import { ownShards, type ShardFiles } from '../corpus/shards.ts'
import { type ContentVector, contentVectors, fromHex, shardVectors } from '../corpus/vectors.ts'
import { mutateBytes } from '../mutate/bytes.ts'
import { mutateJson } from '../mutate/json.ts'
import { mutateTar } from '../mutate/tar.ts'
import { randomOf } from '../random.ts'
import { type Target, target } from '../target.ts'

const proofs = contentVectors()

/** With the checksum at the end of an offset index put right, so that what it says is looked at. */
function sealed(index: Uint8Array): Uint8Array {
  if (index.length < 4) return index
  const bytes = new Uint8Array(index)
  new DataView(bytes.buffer).setUint32(bytes.length - 4, crc32(bytes.subarray(0, -4)), true)
  return bytes
}

export const repoTargets: readonly Target[] = [
  target<Uint8Array>({
    name: 'offset-index',
    corpus: async () => (await ownShards()).map(({ index }) => index),
    mutate: (random, input, corpus) => {
      const bytes = mutateBytes(random, input, corpus)
      return random.oneIn(8) ? bytes : sealed(bytes)
    },
    run(bytes) {
      const { shardSizeBytes, sampleCount, offsets, sizes, crcs, leafAt, keyAt, find } = decodeOffsetIndex(bytes, 'fuzz')
      let end = 0
      for (let i = 0; i < sampleCount; i++) {
        ok(offsets[i]! >= end && offsets[i]! + sizes[i]! <= shardSizeBytes && leafAt(i).length === 32)
        end = offsets[i]! + sizes[i]!
        ok(find(keyAt(i)) !== undefined)
      }
      return [offsets, sizes, crcs, Array.from({ length: sampleCount }, (_, i) => [keyAt(i), leafAt(i)])]
    },
  }),
  target<Uint8Array>({
    name: 'foreign-shard',
    casesInCi: 500,
    corpus: async () => [...shardVectors(), ...(await ownShards()).map(({ tar }) => tar)],
    mutate: mutateTar,
    async run(tar) {
      const whole = await samplesOf([tar])
      const pieces = await samplesOf(cut(tar))
      deepStrictEqual(pieces, whole)
      return whole
    },
  }),
  target<Uint8Array>({
    name: 'indexed-shard',
    casesInCi: 200,
    corpus: async () => (await ownShards()).map(joined),
    mutate(random, input, corpus) {
      const { tar, index } = parted(input)
      const others = corpus.map(parted)
      if (random.oneIn(3))
        return joined({
          tar: mutateTar(
            random,
            tar,
            others.map((other) => other.tar),
          ),
          index,
        })
      return joined({
        tar,
        index: sealed(
          mutateBytes(
            random,
            index,
            others.map((other) => other.index),
          ),
        ),
      })
    },
    async run(input, scratch) {
      const { tar, index } = parted(input)
      const path = join(scratch, 'shard.tar')
      await Promise.all([writeFile(path, tar), writeFile(path + INDEX_SUFFIX, index)])
      const dataset = Dataset.from({ unpack: (bytes) => ({ bytes: bytes.length }) }, path)
      let first: object | undefined
      const read = dataset.at(0).then((sample) => {
        first = sample
      })
      await read.catch(refusedOrThrow)
      let position = 0
      for await (const sample of dataset) if (position++ === 0 && first !== undefined) deepStrictEqual(first, sample)
      return position
    },
  }),
  target<Uint8Array>({
    name: 'content-block',
    corpus: () => proofs.flatMap(({ proof }) => [fromHex(proof.content), fromHex(proof.shard)]),
    mutate: mutateBytes,
    refuses: (error) => error instanceof TypeError,
    run(bytes) {
      try {
        return decodeShard(bytes)
      } catch (error) {
        if (!(error instanceof TypeError)) throw error
      }
      return contentCid(decodeContent(bytes), sha256)
    },
  }),
  target<string>({
    name: 'mirrors',
    corpus: () =>
      [
        ['s3://copies/a', 'https://host/b/'],
        ['http://127.0.0.1:9000/c?d#e'],
        ['/etc', 'file:///etc/'],
        '../up',
        [['s3://x'], 7, null],
      ].map((mirrors) => JSON.stringify({ mirrors, split: 'train' })),
    mutate: mutateJson,
    run(text) {
      const mirrors = mirrorsOf(remoteEntry(text))
      ok(mirrors.length <= 16)
      for (const mirror of mirrors) ok(mirror.endsWith('/') && parseUrl(`${mirror}x.tar`).scheme !== 'file')
      return mirrors
    },
  }),
  target<string>({
    name: 'proof',
    corpus: () => proofs.map((vector) => JSON.stringify(vector)),
    mutate: mutateJson,
    run(text) {
      const { cid, sample, proof } = asProof(text)
      if (!verifyProof(cid, sample, proof)) return
      const original = proofs.find(({ contentCid: known }) => known === cid)
      deepStrictEqual([sample.key, Buffer.from(sample.payload).toString('hex')], [original?.proof.key, original?.proof.payload])
    },
  }),
]

/** An entry whose shards are in a bucket, with the metadata that the text is. */
function remoteEntry(text: string): Entry {
  const identity = { schemaRef: 'local://schemas/Fuzz@1.0.0', dataUrls: ['s3://bucket/shard-{000000..000003}.tar'] }
  let metadata: Metadata | undefined
  try {
    metadata = JSON.parse(text) as Metadata
  } catch {
    metadata = { mirrors: [text] }
  }
  return { ...identity, cid: 'bafy', name: 'fuzz', metadata, wdsUrl: '', sampleKind: '' }
}

type Outcome = readonly (readonly [string, string])[] | string

/** Keys and payloads, or the code of the refusal: where it was noticed may depend on how the bytes arrive. */
async function samplesOf(chunks: readonly Uint8Array[]): Promise<Outcome> {
  const samples: [string, string][] = []
  try {
    for await (const block of readForeignShard(arriving(chunks), 'fuzz'))
      for (const { key, payload } of block) samples.push([key, Buffer.from(payload).toString('hex')])
    return samples
  } catch (error) {
    if (isShardexError(error)) return error.code
    throw error
  }
}

async function* arriving(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks
}

function cut(bytes: Uint8Array): Uint8Array[] {
  const random = randomOf(bytes.length)
  const pieces: Uint8Array[] = []
  for (let at = 0; at < bytes.length; ) {
    const size = 1 + random.below(random.pick([7, 512, 5000]))
    pieces.push(bytes.subarray(at, at + size))
    at += size
  }
  return pieces
}

/** Two files as one input: the size of the index, the index, the tar. */
function joined({ tar, index }: ShardFiles): Uint8Array {
  const size = Buffer.alloc(4)
  size.writeUInt32LE(index.length)
  return new Uint8Array(Buffer.concat([size, index, tar]))
}

function parted(input: Uint8Array): ShardFiles {
  const end = 4 + Buffer.from(input.buffer, input.byteOffset, 4).readUInt32LE()
  return { index: input.slice(4, end), tar: input.slice(end) }
}

/** Whatever the text holds in the places of a proof; hex is bytes. The sample is the caller's own and of its type. */
function asProof(text: string): { cid: string; sample: { key: string; payload: Uint8Array }; proof: SampleProof } {
  let parsed: Partial<ContentVector> | null
  try {
    parsed = JSON.parse(text) as Partial<ContentVector> | null
  } catch {
    parsed = null
  }
  const { key, payload, ...proof } = (typeof parsed?.proof === 'object' ? (parsed.proof ?? {}) : {}) as Record<string, unknown>
  const bytes = (value: unknown): unknown => (typeof value === 'string' ? fromHex(value) : value)
  const list = (value: unknown): unknown => (Array.isArray(value) ? value.map(bytes) : bytes(value))
  const claimed = Object.fromEntries(Object.entries(proof).map(([name, value]) => [name, list(value)]))
  const sample = {
    key: typeof key === 'string' ? key : '',
    payload: fromHex(typeof payload === 'string' ? payload : ''),
  }
  return {
    cid: typeof parsed?.contentCid === 'string' ? parsed.contentCid : '',
    sample,
    proof: claimed as unknown as SampleProof,
  }
}

function refusedOrThrow(error: unknown): void {
  if (!isShardexError(error)) throw error
}
