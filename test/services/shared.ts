import { afterAll, beforeAll } from 'vitest'

/** What the tests of a suite share: opened before the first of them, and disposed of after the last. To be asked for only while they run. */
export function shared<T extends object>(open: () => Promise<T>): () => T {
  let resource: T | undefined
  beforeAll(async () => {
    resource = await open()
  })
  afterAll(async () => {
    if (resource !== undefined && Symbol.asyncDispose in resource) await (resource as AsyncDisposable)[Symbol.asyncDispose]()
  })
  return () => {
    if (resource === undefined) throw new Error('asked for outside of the tests that share it')
    return resource
  }
}
