import { createHash, randomUUID } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LocalIndex } from '@shardex/index'
import { openStorage } from '@shardex/storage'
import { expect, test } from 'vitest'
import { tempDir } from '../../../../test/services/temp-dir.ts'
import { collectGarbage } from '../../src/index.ts'

test('ten times as much takes ten times as many requests, and every page is gone through', async () => {
  const [few, many] = [await requestsFor(120), await requestsFor(1200)]
  for (const [request, count] of Object.entries(many)) {
    const limit = 10 * (few[request] ?? 0) + 10
    expect(count, `${request}: ${few[request]} for a tenth`).toBeLessThanOrEqual(limit)
  }
  expect(many['garbage.mark']).toBeLessThan(10)
  expect(many['garbage.claim']).toBeLessThan(10)
})

/** Collect what `count` shared shards and a tenth as many dead inserts have left, and count the calls to registry and store. */
async function requestsFor(count: number): Promise<Readonly<Record<string, number>>> {
  await using dir = await tempDir('gc')
  await using index = new LocalIndex({ path: dir.file('index.db') })
  await using storage = openStorage()
  const calls: Record<string, number> = {}
  const counted = <T extends object>(target: T, prefix = ''): T =>
    new Proxy(target, {
      get(_, property) {
        const value: unknown = Reflect.get(target, property, target)
        if (property === 'ingests' || property === 'garbage') return counted(value as object, `${property}.`)
        if (typeof value !== 'function') return value
        return (...call: unknown[]) => {
          const name = prefix + String(property)
          calls[name] = (calls[name] ?? 0) + 1
          const result: unknown = value.apply(target, call)
          if (property !== 'locate') return result
          return (result as ReturnType<typeof storage.locate>).then(({ store, key }) => ({ store: counted(store), key }))
        }
      },
    })

  const content = dir.file('content', await index.registryId())
  await leave(index, `${content}/`, 'content', [])
  await mkdir(content, { recursive: true })
  for (let i = 0; i < count; i++)
    await writeFile(join(content, `${createHash('sha256').update(String(i)).digest('hex')}.tar`), 'x')
  for (let i = 0; i < count / 10; i++) {
    const base = dir.file('set', `data--${randomUUID()}--`)
    await mkdir(dir.file('set'), { recursive: true })
    await leave(index, base, 'sequence', [`${base}000000.tar`])
  }
  const objects = count + count / 10
  const collect = () => collectGarbage({ index: counted(index), storage: counted(storage), graceMs: 0, resumableMs: 0 })
  expect(await collect()).toMatchObject({ seen: { objects }, marked: { objects }, problems: [] })
  expect(await collect()).toMatchObject({ deleted: { objects }, marked: { objects: 0 }, problems: [] })
  expect(await collect()).toMatchObject({ seen: { objects: 0 } })
  return calls
}

async function leave(index: LocalIndex, base: string, layout: 'sequence' | 'content', files: readonly string[]): Promise<void> {
  const id = randomUUID()
  await index.ingests.begin({ id, name: 'lost', base, layout, settings: 'x', resumable: false }, { owner: id, leaseMs: 1000 })
  for (const file of files) await writeFile(file, 'x')
  await index.ingests.abandon(id, { owner: id })
}
