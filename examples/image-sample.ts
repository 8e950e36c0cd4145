/** The sample type that the examples share, and a few samples of it. */
import { defineSample, type Infer, NDArray, ndarray, str } from 'shardex'

export const ImageSample = defineSample(
  'mymodule.ImageSample',
  { image: ndarray('uint8', [null, null, 3]), label: str() },
  { description: 'Image with label annotation' },
)
export type ImageSample = Infer<typeof ImageSample>

/** Squares of one colour: red, green and blue in turn. */
export function* imageSamples(count: number): Generator<ImageSample> {
  const names = ['red', 'green', 'blue'] as const
  for (let i = 0; i < count; i++) {
    const pixels = new Uint8Array(16 * 16 * 3)
    for (let at = i % 3; at < pixels.length; at += 3) pixels[at] = 255
    yield { image: NDArray.from(pixels, [16, 16, 3]), label: names[i % 3]! }
  }
}
