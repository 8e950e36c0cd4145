import fc from 'fast-check'
import { expect, test } from 'vitest'
import { collectGarbage } from '../../src/index.ts'
import { describeSettings, type Setting } from '../settings.ts'
import { addByHand, insert, purge, startWriter, type Writer, withIndexes } from './writers.ts'

const TEXTS = ['a', 'b', 'c', 'd']
const layout = fc.constantFrom('sequence' as const, 'content' as const)
const texts = fc.subarray(TEXTS, { minLength: 1 })
const pick = fc.nat(5)

/** What people and their machines do. Numbers pick one of what is there. */
type Action =
  | { do: 'insert'; layout: 'sequence' | 'content'; texts: string[] }
  | { do: 'begin'; layout: 'sequence' | 'content'; resumable: boolean }
  | { do: 'write'; writer: number; text: string }
  | { do: 'commit' | 'die' | 'resume'; writer: number }
  | { do: 'purge'; entry: number }
  | { do: 'addByHand'; url: number }
  | { do: 'collect'; keepResumable: boolean }
  | { do: 'together'; actions: Action[] }

const single: fc.Arbitrary<Action> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('insert' as const), layout, texts }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('begin' as const), layout, resumable: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('write' as const), writer: pick, text: fc.constantFrom(...TEXTS) }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom('commit' as const, 'die' as const, 'resume' as const), writer: pick }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('purge' as const), entry: pick }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('addByHand' as const), url: pick }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('collect' as const), keepResumable: fc.boolean() }) },
)
/** Also at the same time: then the calls meet in registry and store as they come. */
const together: fc.Arbitrary<Action> = fc
  .array(single, { minLength: 2, maxLength: 4 })
  .map((actions) => ({ do: 'together', actions }))
const action: fc.Arbitrary<Action> = fc.oneof({ weight: 3, arbitrary: single }, { weight: 2, arbitrary: together })

describeSettings('whatever is done in whatever order', (open) => {
  test('what is needed is there, and what nothing needs goes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 5, maxLength: 25 }), async (actions) => {
        await using setting = await open()
        const world: World = { setting, writers: [], serial: 0 }
        for (const one of actions) {
          await act(world, one)
          await assertNeededIsThere(world)
        }
        for (const { writer } of world.writers) await writer.die()
        for (const _ of [1, 2]) await collect(setting, 0)
        const left = (await setting.objects()).sort()
        expect(left).toEqual(
          [...new Set(await neededByEntries(setting))].filter((url) => left.includes(url) || isTar(url)).sort(),
        )
        await assertNeededIsThere({ ...world, writers: [] })
      }),
      { numRuns: Number(process.env['SHARDEX_GC_RUNS'] ?? 12) },
    )
  }, 300_000)
})

interface World {
  readonly setting: Setting
  readonly writers: Slot[]
  serial: number
}

interface Slot {
  writer: Writer
  isAlive: boolean
  readonly resumable: boolean
  /** Ends with what it does at the moment. */
  turn: Promise<void>
}

async function act(world: World, one: Action): Promise<void> {
  const { setting, writers } = world
  const name = `n${world.serial++}`
  switch (one.do) {
    case 'insert':
      await insert(setting, name, one.texts, { layout: one.layout, folder: 'set' })
      return
    case 'begin':
      writers.push({ writer: await startWriter(setting, one), isAlive: true, resumable: one.resumable, turn: Promise.resolve() })
      return
    case 'write':
      return onWriter(world, one.writer, ({ writer }) => writer.write(one.text))
    case 'commit':
      return onWriter(world, one.writer, async (slot) => {
        await slot.writer.commit(name)
        writers.splice(writers.indexOf(slot), 1)
      })
    case 'die':
      return onWriter(world, one.writer, async (slot) => {
        slot.isAlive = false
        await slot.writer.die()
      })
    case 'resume':
      return onWriter(world, one.writer, async (slot) => {
        if (slot.isAlive || !slot.resumable) return
        const { id, layout } = slot.writer.ingest
        const writer = await startWriter(setting, { id, layout, resumable: true })
        if (writer.ingest.state === 'open') Object.assign(slot, { writer, isAlive: true })
        else writers.splice(writers.indexOf(slot), 1)
      })
    case 'purge': {
      const entries = await setting.index.allEntries()
      const entry = entries[one.entry % Math.max(1, entries.length)]
      if (entry !== undefined) await purge(setting, entry).catch(orGone('entry.not_found', 'entry.in_use', 'name.not_found'))
      return
    }
    case 'addByHand': {
      const url = (await neededByEntries(setting)).filter(isTar)[one.url]
      if (url !== undefined) await addByHand(setting, name, [url]).catch(orGone('shard.not_found'))
      return
    }
    case 'collect':
      return collect(setting, one.keepResumable ? 3_600_000 : 0)
    case 'together':
      for (const ended of await Promise.allSettled(one.actions.map((each) => act(world, each))))
        if (ended.status === 'rejected') throw ended.reason
  }
}

/**
 * A writer does one thing after the other. One that a collector gave up is told so, and is no more; one that lives is never given up.
 */
async function onWriter({ writers }: World, place: number, work: (slot: Slot) => Promise<void>): Promise<void> {
  const slot = writers[place]
  if (slot === undefined) return
  slot.turn = slot.turn.then(async () => {
    if (!writers.includes(slot)) return
    const { isAlive } = slot
    try {
      await work(slot)
    } catch (error) {
      if (isAlive && slot.isAlive) throw error
      // What it was uploading may have been swept away before it could hear of that.
      orGone('ingest.lost', 'storage.unavailable')(error)
      writers.splice(writers.indexOf(slot), 1)
    }
  })
  return slot.turn
}

async function collect({ index, store }: Setting, resumableMs: number): Promise<void> {
  const report = await collectGarbage({ index, storage: store.storage, graceMs: 0, resumableMs })
  expect(report.problems).toEqual([])
}

/** Every shard of an entry, and everything that a living writer has noted. */
async function assertNeededIsThere({ setting, writers }: World): Promise<void> {
  const there = new Set(await setting.objects())
  const noted = writers.filter(({ isAlive }) => isAlive).flatMap(({ writer }) => withIndexes(writer.urls))
  const needed = [...(await neededByEntries(setting)).filter(isTar), ...noted]
  expect(needed.filter((url) => !there.has(url))).toEqual([])
}

async function neededByEntries({ index }: Setting): Promise<string[]> {
  return withIndexes((await index.allEntries()).flatMap(({ dataUrls }) => dataUrls))
}

function isTar(url: string): boolean {
  return url.endsWith('.tar')
}

function orGone(...codes: string[]): (error: unknown) => void {
  return (error) => {
    if (!codes.includes((error as { code?: string }).code ?? '')) throw error
  }
}
