import { type Entry, LocalIndex, type NameRevision } from '@shardex/index'
import type { OpenPlace } from '@shardex/index/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { describeRedis } from '../../../test/services/describe.ts'
import { IndexModel } from './index-model.ts'
import { redisPlace, sqlitePlace } from './places.ts'

const NAMES = ['a', 'b', 'é']
const name = fc.constantFrom(...NAMES)
const content = fc.nat(3)
const ifRevision = fc.option(fc.nat(4), { nil: undefined, freq: 2 })
const version = fc.constantFrom('1', '2')

/** What people do to an index, and how each is done to anything that looks like one. */
type Action =
  | {
      do: 'commit'
      name: string
      content: number
      ifRevision?: number | undefined
      version?: string | undefined
      note?: number | undefined
    }
  | { do: 'rename'; name: string; to: string; ifRevision?: number | undefined }
  | { do: 'deleteName'; name: string; ifRevision?: number | undefined }
  | { do: 'deleteEntry'; content: number }
  | { do: 'setLabel'; name: string; content: number; version: string }
  | { do: 'deleteLabel'; name: string; version: string }

const optional = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined })
const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('commit' as const),
      name,
      content,
      ifRevision,
      version: optional(version),
      note: optional(fc.nat(2)),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('rename' as const), name, to: name, ifRevision }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('deleteName' as const), name, ifRevision }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('deleteEntry' as const), content }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('setLabel' as const), name, content, version: fc.constantFrom('', '1', '2') }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('deleteLabel' as const), name, version }) },
)

describe('whatever is done, the index behaves like a simple model', () => {
  test('in SQLite', () => behavesLikeTheModel(sqlitePlace))
  describeRedis('and', () => {
    test('in Redis', () => behavesLikeTheModel(redisPlace))
  })
})

async function behavesLikeTheModel(open: OpenPlace): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 5, maxLength: 40 }), async (actions) => {
      await using place = await open()
      const index = new LocalIndex({ provider: await place.connect() })
      const model = new IndexModel()
      for (const one of actions)
        expect(await outcomeOf(() => act(index, one))).toEqual(await outcomeOf(async () => act(model, one)))
      expect(await observe(index)).toEqual(model.observe(NAMES))
      for (const one of NAMES) expect((await index.verifyHistory(one)).problems).toEqual([])
    }),
    { numRuns: 60 },
  )
}

function act(index: LocalIndex | IndexModel, one: Action): unknown {
  const options = 'ifRevision' in one ? { ifRevision: one.ifRevision } : {}
  const cid = 'content' in one ? IndexModel.cidOf(one.content) : ''
  switch (one.do) {
    case 'commit':
      return index.commitEntry({
        name: one.name,
        ...IndexModel.identity(one.content),
        ...options,
        metadata: one.note === undefined ? undefined : { note: one.note },
        label: one.version === undefined ? undefined : { version: one.version },
      })
    case 'rename':
      return index.rename(one.name, one.to, options)
    case 'deleteName':
      return index.deleteName(one.name, options)
    case 'deleteEntry':
      return index.deleteEntry(cid)
    case 'setLabel':
      return index.setLabel(one.name, cid, { version: one.version })
    case 'deleteLabel':
      return index.deleteLabel(one.name, one.version)
  }
}

/** What a caller can tell of a call: the revision it made, or the refusal. */
async function outcomeOf(call: () => unknown): Promise<unknown> {
  try {
    return ((await call()) as { revision?: number } | undefined)?.revision
  } catch (error) {
    return { code: (error as { code?: string }).code, details: (error as { details?: unknown }).details }
  }
}

async function observe(index: LocalIndex): Promise<ReturnType<IndexModel['observe']>> {
  const entries = (await index.allEntries()).map(({ cid, name, metadata }) => ({ cid, name, metadata }))
  const names = await Promise.all(NAMES.map((one) => observeName(index, one)))
  const labels = (await collect(index.listLabels())).map(({ name: of, version: at, cid }) => `${of}@${at} ${cid}`)
  const listedNames = (await index.listNames()).names.map((pointer) => `${pointer.name} ${pointer.revision} ${pointer.cid}`)
  return { entries, names, labels, listedNames }
}

async function observeName(index: LocalIndex, one: string): Promise<ReturnType<IndexModel['observe']>['names'][number]> {
  const history: NameRevision[] = await collect(index.history(one))
  const at: (string | undefined)[] = []
  for (const { revision } of history) at.push((await index.getEntryByName(one, { at: { revision } }))?.cid)
  const found: Entry | undefined = await index.getEntryByName(one)
  const steps = history.map((step) => [step.revision, step.operation, step.cid, step.renamedFrom, step.renamedTo] as const)
  return { current: found && `${found.revision} ${found.cid}`, last: (await index.getLabel(one))?.version, steps, at }
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}
