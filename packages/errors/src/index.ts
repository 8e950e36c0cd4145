/**
 * What can go wrong: one error class, one table of codes. Floor 0 of the house; it imports nothing.
 *
 * ```ts
 * try {
 *   await index.getEntryByName('nope')
 * } catch (error) {
 *   if (isShardexError(error, 'index.unavailable')) retryLater(error.details.url)
 *   else throw error
 * }
 * ```
 * @module
 */
export { type Details, type ErrorCode, FATES, type Fate } from './codes.ts'
export { describe } from './describe.ts'
export { isShardexError, ShardexError } from './shardex-error.ts'
