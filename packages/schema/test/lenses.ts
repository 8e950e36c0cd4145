import fc from 'fast-check'
import { array, bool, defineLens, defineSample, float, type Infer, int, NDArray, ndarray, str } from '../src/index.ts'

export const Source = defineSample('tests.Source', {
  text: str(),
  stars: int(),
  score: float(),
  spam: bool(),
  maybe: int().optional(),
  tags: array(str()),
  pixels: ndarray('uint8', [2]),
})
export const View = defineSample('tests.View', {
  body: str(),
  stars: str(),
  spam: int(),
  maybe: int(),
  language: str(),
  pixels: ndarray(),
})
export const pixels = NDArray.from(Uint8Array.of(1, 2), [2])
export const source: Infer<typeof Source> = { text: 'good', stars: 4, score: 0.5, spam: false, tags: ['a'], pixels }
export const lens = defineLens(Source, View, {
  fields: {
    body: 'text',
    stars: { field: 'stars', cast: 'str' },
    spam: { field: 'spam', cast: 'int' },
    maybe: { field: 'maybe', default: -1 },
    language: { const: 'en' },
  },
})

export const Scalars = defineSample('tests.Scalars', { s: str(), i: int(), f: float(), b: bool(), o: int().optional() })
export const ints = fc.oneof(fc.integer({ min: -5, max: 5 }), fc.constantFrom(2n ** 60n, -(2n ** 63n), 2n ** 64n - 1n))
