import { defineSample, type Fields, int, NDArray, ndarray, type SampleType, str } from '@shardex/schema'

/** What a sample looks like, and any number of them; `peer.py` makes the same. */
export interface Shape {
  readonly type: SampleType
  readonly title: string
  /** Repeatable: the same count gives the same samples. */
  readonly samples: (count: number) => Iterable<Sample>
}

type Sample = Record<string, unknown>

export type ShapeName = keyof typeof SHAPES

/** 112,640 bytes: 110 KiB, about an image of 190 × 190 pixels. */
const SHAPE = [320, 352] as const
const POOL = 64

const tiny = shape('tiny samples, {id: int, label: str}', 'bench.Tiny', { id: int(), label: str() }, function* (count) {
  for (let id = 0; id < count; id++) yield { id, label: `label ${id % 1000}` }
})

const small = shape(
  '1 KiB samples, {id: int, label: str, embedding: float32[240]}',
  'bench.Small',
  { id: int(), label: str(), embedding: ndarray('float32', [240]) },
  function* (count) {
    embeddings ??= Array.from({ length: POOL }, (_, i) =>
      NDArray.from(
        Float32Array.from(noise(240, i + 1), (byte) => byte / 256),
        [240],
      ),
    )
    for (let id = 0; id < count; id++) yield { id, label: `label ${id % 1000}`, embedding: embeddings[id % POOL] }
  },
)
let embeddings: NDArray<'float32'>[] | undefined

const large = shape(
  '110 KiB samples, {pixels: uint8[320, 352], label: int}',
  'bench.Large',
  { pixels: ndarray('uint8', SHAPE), label: int() },
  function* (count) {
    images ??= Array.from({ length: POOL }, (_, i) => NDArray.from(noise(SHAPE[0] * SHAPE[1], i + 1), SHAPE))
    for (let i = 0; i < count; i++) yield { pixels: images[i % POOL], label: i % 1000 }
  },
)
/** Made once, by whoever warms up, so that making them is not measured. */
let images: NDArray<'uint8'>[] | undefined

export const SHAPES = { tiny, small, large }

/** Bytes of msgpack of so many samples together. */
export function payloadBytes({ type, samples }: Shape, count: number): number {
  let bytes = 0
  for (const sample of samples(count)) bytes += type.pack(sample).length
  return bytes
}

function shape(title: string, name: string, fields: Fields, samples: (count: number) => Generator<Sample>): Shape {
  return { type: defineSample(name, fields) as SampleType, title, samples }
}

/** xorshift32. */
function noise(bytes: number, seed: number): Uint8Array {
  const words = new Uint32Array(bytes / 4)
  let state = seed
  for (let i = 0; i < words.length; i++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    words[i] = state
  }
  return new Uint8Array(words.buffer)
}
