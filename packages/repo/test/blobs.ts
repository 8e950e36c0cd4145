import { array, bytes, defineSample, type Infer, int, NDArray, ndarray } from '@shardex/schema'
import { Dataset } from '../src/index.ts'
import type { Setting } from './settings.ts'

/** Samples of all sizes that hold bytes in every way. */
export const Blob = defineSample('tests.Blob', {
  id: int(),
  pixels: ndarray('uint8', [null]),
  score: ndarray('float32', [2]).optional(),
  text: bytes(),
  parts: array(bytes()),
})
export type Blob = Infer<typeof Blob>

/** Within a chunk of 2 MiB, across two, across several, and nothing at all. */
const SIZES = [0, 10, 300_000, 1_048_576, 700_000, 700_000, 5_000_001, 5, 0, 400_000, 400_000, 400_000, 2_000_000]
export const BLOBS: number = 2 * SIZES.length

export const sizeOf = (id: number): number => SIZES[id % SIZES.length]!

export function blob(id: number, sizeBytes: number = sizeOf(id)): Blob {
  const filled = (size: number, seed: number) => Uint8Array.from({ length: size }, (_, i) => (i * 31 + id * 7 + seed) >>> 3)
  return {
    id,
    pixels: NDArray.from(filled(sizeBytes, 1)),
    ...(id % 3 > 0 && { score: NDArray.from(new Float32Array([id, id / 2])) }),
    text: filled(id * 10, 2),
    parts: [filled(id, 3), filled(7, 4)],
  }
}

export async function insertedBlobs(
  setting: Setting,
  samples: Iterable<Blob> = Array.from({ length: BLOBS }, (_, id) => blob(id)),
) {
  const [entry] = await setting.repo.insert(Dataset.from(Blob, samples), 'blobs', { maxcount: 15, manifest: true })
  return entry
}

/** What a sample is now. */
export const bytesOf = ({ __key__: _, ...sample }: Blob & { __key__?: string }): string =>
  Buffer.from(Blob.pack(sample)).toString('base64')
