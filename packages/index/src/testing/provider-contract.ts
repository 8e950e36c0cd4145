import { describe, expect, test } from 'vitest'
import { testCommitting } from './committing.ts'
import { testGarbage } from './garbage.ts'
import { testHistory } from './history.ts'
import { testIngestCommits } from './ingest-commits.ts'
import { testIngests } from './ingests.ts'
import { testLabels } from './labels.ts'
import { testLenses } from './lenses.ts'
import { testNames } from './names.ts'
import { commitOf, type OpenPlace } from './place-under-test.ts'
import { testSchemas } from './schemas.ts'

/** What every {@link IndexProvider} promises. Each backend and each wrapper runs it, on the real thing. */
export function testIndexProvider(name: string, open: OpenPlace): void {
  describe(`IndexProvider: ${name}`, () => {
    testCommitting(open)
    testNames(open)
    testHistory(open)
    testLabels(open)
    testSchemas(open)
    testLenses(open)
    testIngests(open)
    testIngestCommits(open)
    testGarbage(open)
    testManners(open)
  })
}

function testManners(open: OpenPlace): void {
  test('an aborted call throws the reason of the abort and does nothing', async () => {
    await using place = await open()
    const index = await place.connect()
    const reason = new Error('enough')
    const signal = AbortSignal.abort(reason)
    await expect(index.commit(commitOf('a', 1), { signal })).rejects.toBe(reason)
    await expect(index.findByName('a', undefined, { signal })).rejects.toBe(reason)
    await expect(index.listEntries({ signal })).rejects.toBe(reason)
    expect(await index.findByName('a', undefined)).toBeUndefined()
  })

  test('pages have 1 to 1000 items, and cursors are those of the page before', async () => {
    await using place = await open()
    const index = await place.connect()
    for (const limit of [0, 1001, 1.5])
      await expect(index.listEntries({ limit })).rejects.toMatchObject({ code: 'usage.invalid' })
    await expect(index.listHistory('a', { cursor: '-1' })).rejects.toMatchObject({ code: 'usage.invalid' })
  })

  test('a diagnosis counts what is there', async () => {
    await using place = await open()
    const index = await place.connect()
    await index.commit(commitOf('a', 1))
    await index.commit(commitOf('b', 1, { label: { version: '1.0.0' } }))
    expect((await index.diagnose()).counts).toEqual({ entries: 1, names: 2, labels: 3, schemas: 0 })
  })

  test('there is nothing to adopt where only shardex writes', async () => {
    await using place = await open()
    const index = await place.connect()
    await index.commit(commitOf('a', 1, { label: { version: '1.0.0' } }))
    expect(await index.adopt()).toBe(0)
    expect((await index.listHistory('a')).items).toHaveLength(1)
  })
}
