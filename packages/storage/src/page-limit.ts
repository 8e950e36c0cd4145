import type { ListOptions } from './object-store.ts'

const MAX_PAGE = 1000

/** @throws {TypeError} unless it is an integer from 1 to 1000 */
export function pageLimit({ limit = MAX_PAGE }: ListOptions): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_PAGE) return limit
  throw new TypeError(`limit of a list is an integer from 1 to ${MAX_PAGE}, found ${limit}`)
}
