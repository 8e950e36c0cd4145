import { Dataset } from '../src/index.ts'
import { Review, reviews } from './reviews.ts'
import type { Setting } from './settings.ts'

/** A dataset of so many reviews, ten in a shard, with manifests. */
export const LENGTH = 120

export async function inserted({ repo }: Setting, options: Parameters<Setting['repo']['insert']>[2] = {}) {
  const [entry] = await repo.insert(Dataset.from(Review, reviews(LENGTH)), 'reviews', {
    maxcount: 10,
    manifest: true,
    ...options,
  })
  return { entry, dataset: await repo.open('reviews', { type: Review }) }
}

/** Numbers of those that a question wants, in their order. */
export const ids = (keep: (sample: Review) => boolean): number[] =>
  reviews(LENGTH).flatMap((one) => (keep(one) ? Number(one.id) : []))
