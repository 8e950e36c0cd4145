import type { Infer } from '@shardex/schema'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { Dataset, type Where } from '../src/index.ts'
import { idsOf } from './ids.ts'
import type { Image } from './images.ts'
import { Review, reviews } from './reviews.ts'

describe('A question', () => {
  const dataset = Dataset.from(Review, reviews(10))
  const refusal = (where: unknown) => {
    try {
      dataset.query(where as Where<Review>, { scan: true })
    } catch (error) {
      return error
    }
    return undefined
  }

  test.each<[unknown, string, string]>([
    [{ star: 3 }, 'where.star', 'no field of tests.Review'],
    [{ constructor: 3 }, 'where.constructor', 'no field of tests.Review'],
    [{ stars: '3' }, 'where.stars', '"3"'],
    [{ stars: Number.NaN }, 'where.stars', 'NaN'],
    [{ stars: { gt: true } }, 'where.stars.gt', 'true'],
    [{ stars: { near: 3 } }, 'where.stars.near', '"near"'],
    [{ stars: { in: 3 } }, 'where.stars.in', '3'],
    [{ stars: { in: [1, 'two'] } }, 'where.stars.in[1]', '"two"'],
    [{ stars: null }, 'where.stars', 'null'],
    [{ score: { eq: 2n ** 53n + 1n } }, 'where.score.eq', '9007199254740993'],
    [{ spam: { lt: true } }, 'where.spam.lt', '"where.spam.lt"'],
    [{ tags: 'rare' }, 'where.tags', '"rare"'],
    [{ tags: { eq: 'rare' } }, 'where.tags.eq', '"eq"'],
    [{ votes: { exists: 1 } }, 'where.votes.exists', '1'],
    [{ or: { stars: 3 } }, 'where.or', 'an object'],
    [{ or: [{ not: 3 }] }, 'where.or[0].not', '3'],
    ['stars = 3', 'where', '"stars = 3"'],
  ])('%o is refused where it makes no sense', (where, argument) => {
    expect(refusal(where)).toMatchObject({ code: 'usage.invalid', details: { argument } })
  })

  test('that is too deep is refused', () => {
    let where: Where<Review> = { stars: 3 }
    for (let depth = 0; depth < 40; depth++) where = { not: where }
    expect(refusal(where)).toMatchObject({ code: 'usage.invalid' })
  })

  test('is put to samples in memory by looking at each, and needs a type', async () => {
    expect(await idsOf(dataset.query({ id: { gt: 6 } }, { scan: true }))).toEqual([7, 8, 9])
    expect(() => dataset.query({ id: 1 })).toThrow(/scan: true/)
    expect(() => dataset.map(({ id }) => ({ id })).query({ id: 1 })).toThrow(TypeError)
  })

  test('is checked by TypeScript as well', () => {
    expectTypeOf<Where<Review>>().toMatchTypeOf<object>()
    // @ts-expect-error stars are numbers
    expect(refusal({ stars: '3' } satisfies Where<Review>)).toBeDefined()
    // @ts-expect-error lists are asked with has
    expect(refusal({ tags: { in: ['rare'] } } satisfies Where<Review>)).toBeDefined()
    // @ts-expect-error arrays cannot be asked for
    const pixels: Where<Infer<typeof Image>> = { pixels: 3 }
    expect(pixels).toBeDefined()
    const open: Where<Record<string, unknown>> = { anything: { gte: 3 }, or: [{ other: 'x' }] }
    expect(open).toBeDefined()
  })
})
