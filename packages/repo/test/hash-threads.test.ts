import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterEach, expect, test } from 'vitest'
import { HashThreads } from '../src/hash/hash-threads.ts'
import { OffsetIndexBuilder } from '../src/shard/offset-index.ts'

const PIECE_BYTES = 100_000

/** Samples of one size beside each other. */
function shard(samples: number, sizeBytes: number, seed: number) {
  const bytes = new Uint8Array(new SharedArrayBuffer(samples * sizeBytes))
  bytes.set(Uint8Array.from(bytes, (_, i) => (i * seed) >>> 3))
  const rows = new OffsetIndexBuilder()
  for (let i = 0; i < samples; i++) rows.add(Buffer.from(`${seed}-${i}`), i * sizeBytes, sizeBytes, 0)
  return { bytes, rows }
}

const threads: HashThreads[] = []
const open = (): HashThreads => {
  const opened = new HashThreads()
  threads.push(opened)
  return opened
}
afterEach(async () => {
  for (const opened of threads.splice(0)) await opened[Symbol.asyncDispose]()
})

async function digestsOf(hasher: HashThreads, id: number, { bytes, rows }: ReturnType<typeof shard>) {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    const end = Math.min(at + PIECE_BYTES, bytes.length)
    await hasher.update(id, bytes.subarray(at, end), rows.take(end))
  }
  return hasher.digest(id)
}

const here = (samples: number, sizeBytes: number, seed: number) => {
  const { bytes, rows } = shard(samples, sizeBytes, seed)
  return new HashThreads().digestOf(bytes, rows.take(bytes.length))
}

test.each([
  ['small', 1000, 300],
  ['large', 7, 50_000],
  ['larger than a piece', 2, 250_000],
])('threads give %s samples and their shard the digests that they have here', async (_, samples, sizeBytes) => {
  expect(await digestsOf(open(), 0, shard(samples, sizeBytes, 5))).toEqual(here(samples, sizeBytes, 5))
})

test.each([
  ['small', 1000, 300],
  ['large', 7, 50_000],
])('a thread that was left in the middle of a shard of %s samples is not used again', async (_, samples, sizeBytes) => {
  const left = open()
  const { bytes, rows } = shard(samples, sizeBytes, 3)
  await left.update(0, bytes, rows.take(bytes.length))
  await left[Symbol.asyncDispose]()
  expect(await digestsOf(open(), 0, shard(samples, sizeBytes, 5))).toEqual(here(samples, sizeBytes, 5))
})

test('the threads of one insert serve the next, and two at a time have their own', async () => {
  const first = open()
  expect(await digestsOf(first, 0, shard(1000, 300, 1))).toEqual(here(1000, 300, 1))
  await first[Symbol.asyncDispose]()
  const [one, other] = await Promise.all([digestsOf(open(), 0, shard(1000, 300, 2)), digestsOf(open(), 0, shard(1000, 300, 4))])
  expect(one).toEqual(here(1000, 300, 2))
  expect(other).toEqual(here(1000, 300, 4))
})

test('a piece that comes after the end starts no thread, which nobody would end', async () => {
  const ended = open()
  await ended[Symbol.asyncDispose]()
  const { bytes, rows } = shard(7, 50_000, 3)
  await expect(ended.update(0, bytes, rows.take(bytes.length))).rejects.toThrow('after the end')
})

test('a thread that waits for the next insert keeps no process alive', async () => {
  const script = `
    import { HashThread } from '${new URL('../src/hash/hash-thread.ts', import.meta.url).href}'
    const thread = HashThread.borrow('tar')
    await thread.update(0, new Uint8Array(new SharedArrayBuffer(9)))
    await thread.digest(0)
    await thread.giveBack()
    process.once('beforeExit', () => {
      console.log(HashThread.borrow('tar') === thread ? 'still waiting' : 'waited for')
      process.exit()
    })`
  const node = ['--conditions=@shardex/source', '--input-type=module', '--eval', script]
  const { stdout } = await promisify(execFile)(process.execPath, node)
  expect(stdout).toBe('still waiting\n')
})

test('where threads are forbidden, a digest is refused for that reason', async () => {
  const script = `
    import { HashThreads } from '${new URL('../src/hash/hash-threads.ts', import.meta.url).href}'
    const rows = { offsets: new Float64Array(), sizes: new Uint32Array(), keys: new Uint8Array(), keyEnds: new Uint32Array() }
    const threads = new HashThreads()
    for (const told of [() => threads.update(0, new Uint8Array(new SharedArrayBuffer(9)), rows), () => threads.digest(0)])
      await told().catch(({ code }) => console.log(code))`
  const node = ['--permission', '--allow-fs-read=*', '--conditions=@shardex/source', '--input-type=module', '--eval', script]
  const { stdout } = await promisify(execFile)(process.execPath, node)
  expect(stdout).toBe('ERR_ACCESS_DENIED\nERR_ACCESS_DENIED\n')
})
