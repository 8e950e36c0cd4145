import { createHash, randomUUID } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type GarbageMark, LocalIndex } from '@shardex/index'
import { openStorage, type Storage } from '@shardex/storage'
import { expect, test } from 'vitest'
import { tempDir } from '../../../../test/services/temp-dir.ts'
import { collectGarbage, undoGarbage } from '../../src/index.ts'
import { ownUuid } from '../../src/ingest/own-uuid.ts'

test('ten times as much takes ten times as many requests, and every page is gone through', async () => {
  const [few, many] = [await requestsFor(120), await requestsFor(1200)]
  for (const [request, count] of Object.entries(many)) {
    const limit = 10 * (few[request] ?? 0) + 10
    expect(count, `${request}: ${few[request]} for a tenth`).toBeLessThanOrEqual(limit)
  }
  expect(many['garbage.mark']).toBeLessThan(10)
  expect(many['garbage.claim']).toBeLessThan(10)
})

test('marks are taken back many at a time', async () => {
  await using dir = await tempDir('gc')
  await using index = new LocalIndex({ path: dir.file('index.db') })
  const urls = Array.from({ length: 1200 }, (_, i) => dir.file(`${i}.tar`))
  await index.garbage.mark(urls)
  await index.garbage.claim((await marksIn(index)).slice(0, 10))
  const calls: Record<string, number> = {}
  expect(await undoGarbage(counted(index, calls))).toBe(1190)
  expect(calls['garbage.unmark']).toBeLessThan(10)
  expect(await marksIn(index)).toHaveLength(10)
})

test('few entries are in memory at a time, since each may describe a hundred thousand shards', async () => {
  await using dir = await tempDir('gc')
  await using index = new LocalIndex({ path: dir.file('index.db') })
  await using storage = openStorage()
  await leave(index, dir.file(`data--${ownUuid(await index.registryId())}--`), 'sequence', true)
  for (let i = 0; i < 5; i++) await addByHand(index, `set ${i}`)
  const pages: number[] = []
  const watched = new Proxy(index, {
    get(_, property) {
      if (property !== 'listEntries') return boundTo(index, property)
      return async (...call: Parameters<LocalIndex['listEntries']>) => {
        const page = await index.listEntries(...call)
        pages.push(page.entries.length)
        return page
      }
    },
  })
  await collectGarbage({ index: watched, storage })
  expect(pages).toEqual([2, 2, 1])
})

/** Collect what `count` shared shards and a tenth as many dead inserts have left, and count the calls to registry and store. There are as many entries. */
async function requestsFor(count: number): Promise<Readonly<Record<string, number>>> {
  await using dir = await tempDir('gc')
  await using index = new LocalIndex({ path: dir.file('index.db') })
  await using storage = openStorage()
  const calls: Record<string, number> = {}
  const registryId = await index.registryId()
  const content = dir.file('content', registryId)
  await leave(index, `${content}/`, 'content', false)
  await mkdir(content, { recursive: true })
  for (let i = 0; i < count; i++)
    await writeFile(join(content, `${createHash('sha256').update(String(i)).digest('hex')}.tar`), 'x')
  await mkdir(dir.file('set'), { recursive: true })
  for (let i = 0; i < count / 10; i++) {
    await leave(index, dir.file('set', `data--${ownUuid(registryId)}--`), 'sequence', true)
    await addByHand(index, `set ${i}`)
  }
  const objects = count + count / 10
  const collect = () =>
    collectGarbage({ index: counted(index, calls), storage: counted(storage, calls), graceMs: 0, resumableMs: 0 })
  expect(await collect()).toMatchObject({ seen: { objects }, marked: { objects }, problems: [] })
  expect(await collect()).toMatchObject({ deleted: { objects }, marked: { objects: 0 }, problems: [] })
  expect(await collect()).toMatchObject({ seen: { objects: 0 } })
  return calls
}

/** The same with its calls counted, and those of its parts and stores. */
function counted<T extends object>(target: T, calls: Record<string, number>, prefix = ''): T {
  return new Proxy(target, {
    get(_, property) {
      const value = boundTo(target, property)
      if (property === 'ingests' || property === 'garbage') return counted(value as object, calls, `${property}.`)
      if (typeof value !== 'function') return value
      return (...call: unknown[]) => {
        const name = prefix + String(property)
        calls[name] = (calls[name] ?? 0) + 1
        const result: unknown = value(...call)
        if (property !== 'locate') return result
        return (result as ReturnType<Storage['locate']>).then(({ store, key }) => ({ store: counted(store, calls), key }))
      }
    },
  })
}

function boundTo(target: object, property: string | symbol): unknown {
  const value: unknown = Reflect.get(target, property, target)
  return typeof value === 'function' ? value.bind(target) : value
}

async function marksIn(index: LocalIndex): Promise<GarbageMark[]> {
  const marks: GarbageMark[] = []
  for await (const mark of index.garbage.list(0)) marks.push(mark)
  return marks
}

async function addByHand(index: LocalIndex, name: string): Promise<void> {
  await index.addEntry({ dataUrls: [`https://127.0.0.1:1/${name}.tar`] }, { name, schemaRef: 'local://schemas/tests.Tiny@1.0.0' })
}

/** What an insert that is given up leaves. */
async function leave(index: LocalIndex, base: string, layout: 'sequence' | 'content', withShard: boolean): Promise<void> {
  const id = randomUUID()
  await index.ingests.begin({ id, name: 'lost', base, layout, settings: 'x', resumable: false }, { owner: id, leaseMs: 1000 })
  if (withShard) await writeFile(`${base}000000.tar`, 'x')
  await index.ingests.abandon(id, { owner: id })
}
