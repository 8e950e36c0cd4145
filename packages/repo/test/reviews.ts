import { array, bool, defineSample, float, type Infer, int, str } from '@shardex/schema'

/** A sample with a field of each kind that can be asked for, and one that cannot. */
export const Review = defineSample('tests.Review', {
  id: int(),
  stars: int(),
  score: float(),
  split: str(),
  spam: bool(),
  tags: array(str()),
  votes: int().optional(),
  text: str(),
})
export type Review = Infer<typeof Review>

const SPLITS = ['train', 'test', 'valid']

export function review(id: number): Review {
  return {
    id,
    stars: (id * 7) % 5,
    score: id / 100,
    split: SPLITS[Math.floor(id / 40)] ?? 'rest',
    spam: id % 11 === 0,
    tags: [`t${id % 4}`, ...(id % 9 === 0 ? ['rare'] : [])],
    ...(id % 3 !== 0 && { votes: id }),
    text: `review ${id} `.repeat(1 + (id % 3)),
  }
}

export const reviews = (count: number): Review[] => Array.from({ length: count }, (_, id) => review(id))
