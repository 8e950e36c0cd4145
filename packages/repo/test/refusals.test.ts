import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { isShardexError } from '@shardex/errors'
import { LocalIndex } from '@shardex/index'
import { expect, test } from 'vitest'
import { describeRedis, describeS3, freePorts, freshPrefix, startRedis, tempDir } from '../../../test/services/index.ts'
import * as door from '../src/index.ts'
import { Dataset, LocalDiskStore, Repo, S3DataStore, verifyEntry } from '../src/index.ts'
import { Image, images, Tiny, tinies } from './images.ts'
import { refused } from './outcomes.ts'

async function filesIn(dir: string): Promise<string[]> {
  const all = await readdir(dir, { recursive: true, withFileTypes: true })
  return all.filter((file) => file.isFile()).map((file) => file.name)
}

test('the door is what it was', () => {
  expect(Object.keys(door).sort()).toEqual([
    'Dataset',
    'INDEX_SUFFIX',
    'LocalDiskStore',
    'Repo',
    'S3DataStore',
    'assertParquetChunk',
    'collectGarbage',
    'contentCidOf',
    'decodeOffsetIndex',
    'defineMembers',
    'faultOfKey',
    'manifestUrls',
    'mirrorsOf',
    'mix',
    'parquetFooterBytes',
    'readParquetFooter',
    'readTarMembers',
    'repairShard',
    'undoGarbage',
    'verifyEntry',
    'verifyProof',
  ])
})

describeS3('S3', ({ endpoint, accessKeyId, secretAccessKey, region }) => {
  const credentials = {
    AWS_ENDPOINT: endpoint,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_REGION: region,
  }

  test.each([
    ['a bucket that is not there', { credentials, bucket: 'shardex-no-such-bucket' }, 'storage.bucket_missing'],
    [
      'credentials that nobody knows',
      { credentials: { ...credentials, AWS_ACCESS_KEY_ID: 'NOBODY' }, bucket: 'shardex-no-such-bucket' },
      'credentials.refused',
    ],
    [
      'a wrong secret',
      { credentials: { ...credentials, AWS_SECRET_ACCESS_KEY: 'wrong' }, bucket: 'shardex-no-such-bucket' },
      'credentials.refused',
    ],
  ])('%s is one clear error without the secret, and nothing is committed', async (_, options, code) => {
    await using dir = await tempDir()
    await using index = new LocalIndex({ path: dir.file('index.db') })
    await using store = new S3DataStore(options)
    await using repo = new Repo({ index, store })
    const error = await refused(repo.insert(Dataset.from(Tiny, tinies(5)), 'nowhere'))
    expect(isShardexError(error) ? error.code : error).toBe(code)
    expect(JSON.stringify(error) + String(error)).not.toContain(options.credentials.AWS_SECRET_ACCESS_KEY)
    expect(await index.getEntryByName('nowhere')).toBeUndefined()
    expect(await index.allEntries()).toEqual([])
  })
})

test('missing credentials are named before anything is opened', async () => {
  await using dir = await tempDir()
  await writeFile(dir.file('.env'), 'AWS_ACCESS_KEY_ID=only-half\n')
  const make = () =>
    new Repo({ s3Credentials: dir.file('.env'), hivePath: 'bucket/prefix', index: new LocalIndex({ path: dir.file('i.db') }) })
  expect(make).toThrow(/AWS_SECRET_ACCESS_KEY/)
  expect(() => new Repo({ s3Credentials: dir.file('.env') })).toThrow(/hivePath/)
})

describeRedis('Redis', (url) => {
  test('a registry that is away is told before a byte is written', async () => {
    await using dir = await tempDir()
    const [port = 0] = await freePorts(1)
    await using index = new LocalIndex({ redis: `redis://127.0.0.1:${port}` })
    await using store = new LocalDiskStore({ root: dir.file('shards') })
    await using repo = new Repo({ index, store })
    let asked = 0
    const samples = function* () {
      asked += 1
      yield* tinies(5)
    }
    const error = await refused(repo.insert(Dataset.from(Tiny, samples()), 'away'))
    expect(isShardexError(error, 'index.unavailable')).toBe(true)
    expect(asked).toBe(0)
  })

  test('a commit whose connection broke is made again, and takes place once although the network delivers the first one late', async () => {
    await using dir = await tempDir()
    await using line = await holdingLine(Number(new URL(url).port), '.tar')
    const keyPrefix = freshPrefix()
    await using index = new LocalIndex({ redis: `redis://127.0.0.1:${line.port}`, keyPrefix })
    await using direct = new LocalIndex({ redis: url, keyPrefix })
    // Redis keeps scripts it has seen: what is held back shall be all that the commit takes.
    await direct.addEntry({ dataUrls: ['x'] }, { name: 'early', schemaRef: 'local://schemas/a.B@1.0.0' })
    await using store = new LocalDiskStore({ root: dir.file('shards') })
    await using repo = new Repo({ index, store })
    const [entry] = await repo.insert(Dataset.from(Tiny, tinies(5)), 'late')
    await direct.rename('late', 'moved')
    line.deliver()
    await direct.addEntry({ dataUrls: ['y'] }, { name: 'later', schemaRef: 'local://schemas/a.B@1.0.0' })
    expect(await direct.getEntryByName('late')).toBeUndefined()
    expect((await direct.getEntryByName('moved'))?.cid).toBe(entry.cid)
    for await (const report of verifyEntry(entry, store.storage)) expect(report).toMatchObject({ ok: true, samples: 5 })
  })

  test('a registry that goes away in the middle leaves nothing visible, and the insert can be made again', async () => {
    await using dir = await tempDir()
    await using redis = await startRedis({ appendOnly: true })
    await using index = new LocalIndex({ redis: redis.address.url })
    await using store = new LocalDiskStore({ root: dir.file('shards') })
    await using repo = new Repo({ index, store })
    const samples = async function* () {
      yield* tinies(5)
      await redis.stop('SIGKILL')
    }
    const error = await refused(repo.insert(Dataset.from(Tiny, samples()), 'middle'))
    expect(isShardexError(error, 'index.unavailable')).toBe(true)
    await redis.restart()
    expect(await index.getEntryByName('middle')).toBeUndefined()
    const [entry] = await repo.insert(Dataset.from(Tiny, tinies(5)), 'middle')
    expect(entry.revision).toBe(1)
  })
})

test.runIf(process.getuid?.() === 0 && process.platform === 'linux')(
  'a full disk is one clear error and leaves nothing',
  async () => {
    await using dir = await tempDir()
    await mkdir(dir.file('small'))
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', dir.file('small')])
    try {
      await using index = new LocalIndex({ path: dir.file('index.db') })
      await using store = new LocalDiskStore({ root: dir.file('small') })
      await using repo = new Repo({ index, store })
      const error = await refused(repo.insert(Dataset.from(Image, images(200, 9000)), 'full', { maxcount: 10 }))
      expect(isShardexError(error) ? error.code : error).toBe('storage.full')
      expect(await filesIn(dir.file('small'))).toEqual([])
      expect(await index.getEntryByName('full')).toBeUndefined()
    } finally {
      execFileSync('umount', [dir.file('small')])
    }
  },
)

/** A line to a port that holds back the first message with `mark`, hangs up on whoever sent it, and delivers it when told to. */
async function holdingLine(to: number, mark: string): Promise<AsyncDisposable & { port: number; deliver(): void }> {
  let held: { server: Socket; message: Buffer } | undefined
  const line = createServer((client) => {
    const server = connect(to, '127.0.0.1').on('error', () => {})
    server.on('data', (answer) => void (client.destroyed || client.write(answer)))
    client.on('error', () => {})
    client.on('data', (message) => {
      if (held !== undefined || !message.includes(mark)) return void server.write(message)
      held = { server, message }
      client.destroy()
    })
    client.on('close', () => held?.server === server || server.destroy())
  })
  await once(line.listen(0, '127.0.0.1'), 'listening')
  return {
    port: (line.address() as AddressInfo).port,
    deliver: () => held?.server.write(held.message),
    async [Symbol.asyncDispose]() {
      held?.server.destroy()
      line.close()
    },
  }
}
