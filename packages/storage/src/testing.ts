/**
 * For tests: the contract suite of object stores, and a real web server for a directory.
 * @module
 */
export { testObjectStore } from './testing/contract.ts'
export { type StaticServer, type StaticServerOptions, serveDirectory } from './testing/static-server.ts'
export type { OpenStore, StoreUnderTest } from './testing/store-under-test.ts'
