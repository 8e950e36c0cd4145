/** What a query asks of one field. What is given in one object must all hold. */
export interface ScalarCondition<V> {
  readonly eq?: V | undefined
  readonly ne?: V | undefined
  readonly in?: readonly V[] | undefined
  readonly lt?: V | undefined
  readonly lte?: V | undefined
  readonly gt?: V | undefined
  readonly gte?: V | undefined
  /** Whether there is a value at all. NaN is none. */
  readonly exists?: boolean | undefined
}

/** What a query asks of a list. */
export interface ListCondition<V> {
  /** It is among the items. */
  readonly has?: V | undefined
  readonly exists?: boolean | undefined
}

/**
 * A question that each sample answers with yes or no: `{ label: 3, score: { gte: 0.5, lt: 1 } }`, `{ or: [{ split: 'test' }, { not: { tags: { has: 'x' } } }] }`.
 * A value alone stands for `eq`. Fields side by side must all hold. A missing value, and NaN is one, equals nothing and is neither less
 * nor greater than anything. Numbers of both TypeScript types compare as numbers, text by code points. Fields with the names `and`, `or` and `not` cannot be
 * asked for.
 */
export type Where<T> = string extends keyof T
  ? { readonly [field: string]: unknown }
  : { readonly [K in keyof T]?: FieldCondition<NonNullable<T[K]>> | undefined } & {
      readonly and?: readonly Where<T>[] | undefined
      readonly or?: readonly Where<T>[] | undefined
      readonly not?: Where<T> | undefined
    }

type FieldCondition<V> = [V] extends [readonly (infer Item)[]]
  ? ListCondition<Asked<Item>>
  : [V] extends [string | number | bigint | boolean]
    ? Asked<V> | ScalarCondition<Asked<V>>
    : never

/** An integer field is asked with either type of number, as it is written with either. */
type Asked<V> = V extends number | bigint ? number | bigint : V
