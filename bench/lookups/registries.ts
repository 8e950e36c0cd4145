import { stat } from 'node:fs/promises'
import { LocalIndex } from '@shardex/index'
import { Redis } from 'ioredis'
import { startRedis, tempDir } from '../../test/services/index.ts'
import { adoptAll, commitAll, publishVersions } from './fill.ts'

/** A registry that holds so many entries, and what it took to fill it. */
export interface Registry extends AsyncDisposable {
  readonly backend: string
  readonly entries: number
  readonly index: LocalIndex
  readonly bytes: number
  readonly fillSeconds: number
}

export async function sqliteRegistry(entries: number): Promise<Registry> {
  await using undo = new AsyncDisposableStack()
  const path = undo.use(await tempDir('bench')).file('index.db')
  const index = undo.use(new LocalIndex({ path }))
  await publishVersions(index)
  const fillSeconds = await timed(() => adoptAll(index, path, entries))
  const bytes = (await stat(path)).size
  return { backend: 'SQLite', entries, index, bytes, fillSeconds, ...owning(undo) }
}

export async function redisRegistry(entries: number): Promise<Registry> {
  await using undo = new AsyncDisposableStack()
  const server = undo.use(await startRedis())
  const { url } = server.address
  const before = await usedMemory(url)
  const index = undo.use(new LocalIndex({ redis: url }))
  await publishVersions(index)
  const fillSeconds = await timed(() => commitAll(index, entries))
  const bytes = (await usedMemory(url)) - before
  return { backend: server.program, entries, index, bytes, fillSeconds, ...owning(undo) }
}

function owning(undo: AsyncDisposableStack): AsyncDisposable {
  const owned = undo.move()
  return { [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startedMs = performance.now()
  await work()
  return (performance.now() - startedMs) / 1000
}

async function usedMemory(url: string): Promise<number> {
  const redis = new Redis(url)
  const info = await redis.info('memory')
  redis.disconnect()
  return Number(/used_memory:(\d+)/.exec(info)?.[1])
}
