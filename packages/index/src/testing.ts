/**
 * For tests: what every backend of the index promises, and what `LocalIndex` promises on every backend.
 * @module
 */
export { testLocalIndex } from './testing/local-index-contract.ts'
export type { OpenPlace, PlaceUnderTest } from './testing/place-under-test.ts'
export { testIndexProvider } from './testing/provider-contract.ts'
