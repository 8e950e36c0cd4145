import { defineSample, type Infer, int, NDArray, ndarray, str } from '@shardex/schema'

/** A sample with an array and an optional field: what most tests insert. */
export const Image = defineSample('tests.Image', {
  pixels: ndarray('uint8', [4, null, 3]),
  label: str(),
})
export const Tiny = defineSample('tests.Tiny', { id: int(), label: str() })

export function* images(count: number, width = 5): Generator<Infer<typeof Image>> {
  for (let i = 0; i < count; i++) yield image(i, width)
}

export function image(i: number, width = 5): Infer<typeof Image> {
  return {
    pixels: NDArray.from(
      Uint8Array.from({ length: 4 * width * 3 }, (_, k) => (i * 7 + k) % 256),
      [4, width, 3],
    ),
    label: `label ${i % 3}`,
  }
}

export function* tinies(count: number): Generator<Infer<typeof Tiny>> {
  for (let i = 0; i < count; i++) yield { id: i, label: `n${i}` }
}
