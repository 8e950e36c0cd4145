import type { Fields, InferFields } from '../field.ts'
import type { Lens } from './define-lens.ts'

/**
 * `GetPut`: what was not changed stays as it was, `put(get(s), s) = s`. `PutGet`: changes arrive, `get(put(v, s)) = v`. `PutPut`: the last
 * change counts alone, `put(w, put(v, s)) = put(w, s)`.
 */
export type LensLaw = 'GetPut' | 'PutGet' | 'PutPut'

/**
 * The laws that a lens breaks for a source and two views. Samples are the same if they become the same bytes. Declared lenses keep all three,
 * but for `PutPut` where there are defaults.
 */
export function brokenLensLaws<S extends Fields, V extends Fields>(
  lens: Lens<S, V>,
  source: InferFields<S>,
  first: InferFields<V>,
  second: InferFields<V>,
): readonly LensLaw[] {
  const get = (sample: InferFields<S>) => lens.get(sample)
  const put = (sample: InferFields<V>, before: InferFields<S>) => lens.put(sample, before)
  const isSource = (a: InferFields<S>, b: InferFields<S>) => sameBytes(lens.source.pack(a), lens.source.pack(b))
  const isView = (a: InferFields<V>, b: InferFields<V>) => sameBytes(lens.view.pack(a), lens.view.pack(b))
  const broken: LensLaw[] = []
  if (!isSource(put(get(source), source), source)) broken.push('GetPut')
  if (!isView(get(put(first, source)), first)) broken.push('PutGet')
  if (!isSource(put(second, put(first, source)), put(second, source))) broken.push('PutPut')
  return broken
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}
