import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { LocalIndex, openRedisIndex } from '@shardex/index'
import { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { describeRedis } from '../../../test/services/describe.ts'
import { freePorts } from '../../../test/services/free-port.ts'
import { startRedis } from '../../../test/services/redis.ts'
import { redisPlace } from './places.ts'

const ENTRY = { name: 'a', schemaRef: 'x', dataUrls: ['1'] }

describeRedis('the index in Redis', (url) => {
  test('looks a name up with one call and a fixed number of commands, however much there is, and never scans', async () => {
    await using own = await startRedis()
    using client = connected(own.address.url)
    const { redis } = client
    await using index = new LocalIndex({ redis })
    const costs: Record<string, number>[] = []
    let filled = 0
    for (const size of [3, 1000]) {
      for (; filled < size; filled++)
        await index.commitEntry({ name: `n${filled}`, schemaRef: 'x', dataUrls: [`${filled}`], label: { version: '1' } })
      const lookUp = async (): Promise<void> => {
        for (let i = 0; i < 10; i++) {
          expect(await index.getEntryByName(`n${i % 3}`)).toBeDefined()
          expect(await index.getLabel(`n${i % 3}`)).toBeDefined()
          expect(await index.getEntryByName('nobody')).toBeUndefined()
        }
      }
      await lookUp()
      costs.push(await commandsOf(redis, lookUp))
    }
    expect(costs[0]).toEqual(costs[1])
    expect(costs[0]?.['evalsha']).toBe(30)
    expect(Object.keys(costs[0] ?? {})).not.toContain('scan')
  })

  test('says promptly that Redis is away, where, and never the password', async () => {
    const [port] = await freePorts(1)
    await using index = new LocalIndex({ redis: `redis://user:secret@127.0.0.1:${port}/3` })
    const started = performance.now()
    const error = (await index.getEntryByName('a').catch((reason: unknown) => reason)) as Error
    expect(error).toMatchObject({ code: 'index.unavailable', details: { url: `redis://127.0.0.1:${port}/3` } })
    expect(error.message).toContain('ECONNREFUSED')
    expect(error.message).not.toContain('secret')
    expect(performance.now() - started).toBeLessThan(5_000)
  })

  test('what was never sent is in no doubt: not a lookup, and not a write to a Redis that is away', async () => {
    const [port] = await freePorts(1)
    await using index = new LocalIndex({ redis: `redis://127.0.0.1:${port}` })
    for (const call of [index.getEntryByName('a'), index.commitEntry(ENTRY)]) {
      const message = expect.not.stringContaining('may or may not')
      await expect(call).rejects.toMatchObject({ code: 'index.unavailable', message })
    }
  })

  test('a write that was sent and not answered is in doubt', async () => {
    await using own = await startRedis()
    await using index = new LocalIndex({ redis: own.address.url })
    await index.commitEntry(ENTRY)
    process.kill(-own.child().pid, 'SIGSTOP')
    const call = index.commitEntry(ENTRY).catch((reason: unknown) => reason)
    await own.stop('SIGKILL')
    expect(await call).toMatchObject({ code: 'index.unavailable', message: expect.stringContaining('may or may not') })
  })

  test.each(['HTTP/1.1 400 Bad Request\r\n\r\n', 'garbage\r\n'])('what answers %j is called no Redis', async (answer) => {
    const server = createServer((socket) => socket.on('error', () => {}).on('data', () => socket.end(answer)))
    await once(server.listen(0, '127.0.0.1'), 'listening')
    await using index = new LocalIndex({ redis: `redis://127.0.0.1:${(server.address() as AddressInfo).port}` })
    for (const call of [index.getEntryByName('a'), index.commitEntry(ENTRY)]) {
      const error = (await call.catch((reason: unknown) => reason)) as Error
      expect(error).toMatchObject({ code: 'index.unavailable', message: expect.stringContaining('is not Redis') })
      expect(error.message).not.toMatch(/Please report|may or may not|\.\.$/)
    }
    server.close()
  })

  test('a call made again after Redis came back works, and a commit is not made twice', async () => {
    await using own = await startRedis({ appendOnly: true })
    await using index = new LocalIndex({ redis: own.address.url })
    await index.commitEntry(ENTRY)
    await own.stop('SIGKILL')
    await expect(index.commitEntry({ name: 'a', schemaRef: 'x', dataUrls: ['2'] })).rejects.toMatchObject({
      code: 'index.unavailable',
    })
    await own.restart()
    expect(await index.commitEntry({ name: 'a', schemaRef: 'x', dataUrls: ['2'], ifRevision: 1 })).toMatchObject({ revision: 2 })
  })

  test('an abort ends the wait for a server that does not answer', async () => {
    await using own = await startRedis()
    await using index = new LocalIndex({ redis: own.address.url })
    await index.allEntries()
    process.kill(-own.child().pid, 'SIGSTOP')
    const reason = new Error('enough')
    const abort = new AbortController()
    const call = index.getEntryByName('a', { signal: abort.signal })
    abort.abort(reason)
    await expect(call).rejects.toBe(reason)
    process.kill(-own.child().pid, 'SIGCONT')
  })

  test('says that user or password are wrong', async () => {
    await using own = await startRedis()
    using client = connected(own.address.url)
    await client.redis.config('SET', 'requirepass', 'right')
    const { port } = new URL(own.address.url)
    for (const password of ['wrong', undefined]) {
      await using index = new LocalIndex({ host: '127.0.0.1', port: Number(port), password })
      await expect(index.allEntries()).rejects.toMatchObject({ code: 'credentials.refused' })
    }
    await using right = new LocalIndex({ host: '127.0.0.1', port: Number(port), password: 'right', db: 1, keyPrefix: 'x:' })
    expect(await right.allEntries()).toEqual([])
    expect((await right.diagnose()).url).toBe(`redis://127.0.0.1:${port}/1`)
  })

  test('writes nothing and says so when Redis has no memory left', async () => {
    await using own = await startRedis({ settings: { maxmemory: '1', 'maxmemory-policy': 'noeviction' } })
    using client = connected(own.address.url)
    const { redis } = client
    await redis.config('SET', 'maxmemory', '0')
    await using index = new LocalIndex({ redis })
    await index.allEntries()
    await redis.config('SET', 'maxmemory', '1')
    const before = await redis.dbsize()
    await expect(index.commitEntry(ENTRY)).rejects.toMatchObject({
      code: 'storage.full',
    })
    expect(await redis.dbsize()).toBe(before)
  })

  test('refuses a cluster', async () => {
    await using own = await startRedis({ settings: { 'cluster-enabled': 'yes', databases: '1' } })
    await expect(openRedisIndex({ redis: own.address.url })).rejects.toMatchObject({
      code: 'config.invalid',
      details: { found: 'a Redis Cluster' },
    })
  })

  test('refuses a client with a key prefix of its own, and a layout it does not know', async () => {
    const client = new Redis(url, { keyPrefix: 'mine:', lazyConnect: true })
    await expect(openRedisIndex({ redis: client })).rejects.toMatchObject({ code: 'config.invalid' })
    client.disconnect()
    await using place = await redisPlace()
    await place.redis.set(`${place.keyPrefix}shardex:layout`, '99')
    await expect(place.connect()).rejects.toMatchObject({ code: 'index.corrupt', details: { found: 'layout 99' } })
  })

  test('leaves a client that it was given open', async () => {
    const client = new Redis(url)
    const index = new LocalIndex({ redis: client, keyPrefix: 'test:open:' })
    expect(await index.getEntryByName('a')).toBeUndefined()
    await index[Symbol.asyncDispose]()
    expect(await client.ping()).toBe('PONG')
    await client.del('test:open:shardex:layout')
    client.disconnect()
  })

  test('warns of a Redis that forgets', async () => {
    await using own = await startRedis({ settings: { 'maxmemory-policy': 'allkeys-lru' } })
    await using index = new LocalIndex({ redis: own.address.url })
    const { warnings, backend, facts } = await index.diagnose()
    expect(backend).toBe('redis')
    expect(facts['appendonly']).toBe(false)
    expect(warnings.join('\n')).toMatch(/appendonly is off.*\n.*allkeys-lru/)
  })

  test('tells when a write is on the disk', async () => {
    await using own = await startRedis({ appendOnly: true })
    await using index = new LocalIndex({ redis: own.address.url })
    expect(await index.diagnose()).toMatchObject({ facts: { appendonly: true, appendfsync: 'always' }, warnings: [] })
    using client = connected(own.address.url)
    for (const [policy, lost] of [
      ['everysec', /two seconds of commits, more .*; set appendfsync always/],
      ['no', /not written yet/],
    ] as const) {
      await client.redis.config('SET', 'appendfsync', policy)
      const { facts, warnings } = await index.diagnose()
      expect(facts['appendfsync']).toBe(policy)
      expect(warnings).toEqual([expect.stringMatching(lost)])
    }
    await client.redis.config('SET', 'appendfsync', 'always')
    await client.redis.config('SET', 'no-appendfsync-on-rewrite', 'yes')
    expect((await index.diagnose()).warnings).toEqual([
      expect.stringMatching(/^no-appendfsync-on-rewrite is yes: .*; set it to no$/),
    ])
  })

  test('names with characters that patterns know are just names', async () => {
    await using place = await redisPlace()
    const index = new LocalIndex({ provider: await place.connect() })
    for (const [i, name] of ['a*', 'a?', '[ab]', 'a\\b', '"\'%s%d'].entries()) {
      const { cid } = await index.commitEntry({ name, schemaRef: 'x', dataUrls: [`${i}`] })
      expect((await index.getEntryByName(name))?.cid).toBe(cid)
      expect((await index.listHistory(name)).items).toHaveLength(1)
    }
    await index.rename('"\'%s%d', '%')
    expect((await index.listHistory('%')).items[0]?.renamedFrom).toBe('"\'%s%d')
    const error = await index.rename('a*', 'a?').catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'write.conflict', details: { name: 'a?' } })
  })
})

function connected(url: string): Disposable & { readonly redis: Redis } {
  const redis = new Redis(url)
  return { redis, [Symbol.dispose]: () => redis.disconnect() }
}

/** How often the server ran which command meanwhile, inside scripts too. */
async function commandsOf(redis: Redis, work: () => Promise<void>): Promise<Record<string, number>> {
  await redis.config('RESETSTAT')
  await work()
  const stats = [...(await redis.info('commandstats')).matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)]
  return Object.fromEntries(
    stats.map(([, name, calls]) => [name, Number(calls)]).filter(([name]) => name !== 'info' && name !== 'config|resetstat'),
  )
}
