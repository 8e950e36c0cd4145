import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { Dataset, defineSample, int, LocalDiskStore, NDArray, ndarray, str } from 'shardex'
import { beforeAll, expect, test } from 'vitest'
import { needProgram, pythonWithWebdataset, run, type TempDir, tempDir } from '../services/index.ts'

const Sample = defineSample('interop.Sample', { id: int(), text: str(), image: ndarray('uint8', [null]) })
const script = (name: string) => fileURLToPath(new URL(name, import.meta.url))

/** Short, deep, long and non-ASCII: one of each way a name is written. */
const KEYS = ['000000000', 'train/cat/0001', `${'d'.repeat(70)}/${'n'.repeat(90)}`, 'grüße/漢字', '😀']
const samples = KEYS.map((__key__, id) => ({ __key__, id, text: `text ${id}`, image: NDArray.from(new Uint8Array(id * 700)) }))

let python: string
let bsdtar: string
beforeAll(async () => {
  python = await pythonWithWebdataset()
  bsdtar = await needProgram('bsdtar', 'libarchive-tools')
})

async function shard(dir: TempDir): Promise<string> {
  await using store = new LocalDiskStore({ root: dir.path })
  const [url = ''] = await store.writeShards(Dataset.from(Sample, samples), { prefix: 'interop' })
  return url
}

test.each([
  ['GNU tar', () => 'tar', ['--quoting-style=literal']],
  ['bsdtar', () => bsdtar, []],
])('%s lists and extracts every member without a complaint', async (_, program, options) => {
  await using dir = await tempDir('interop')
  const url = await shard(dir)
  const env = { LC_ALL: 'C.UTF-8' }
  const listed = await run(program(), [...options, '-tf', url], env)
  expect(listed.trim().split('\n')).toEqual(KEYS.map((key) => `${key}.msgpack`))
  for (const [i, key] of KEYS.entries()) {
    const out = dir.file('out')
    await run('/bin/sh', ['-c', '"$0" -xOf "$1" "$2" > "$3"', program(), url, `${key}.msgpack`, out], env)
    const [digest = ''] = (await run('sha256sum', [out])).split(' ')
    expect(digest).toBe(sha256(Sample.pack(samples[i]!)))
  }
})

test("Python's tarfile sees the same members with constant mode and time", async () => {
  await using dir = await tempDir('interop')
  const members = JSON.parse(await run(python, [script('read-with-tarfile.py'), await shard(dir)])) as Record<string, unknown>
  expect(members).toEqual(
    Object.fromEntries(
      samples.map((sample) => {
        const bytes = Sample.pack(sample)
        return [`${sample.__key__}.msgpack`, [bytes.length, 0o444, 0, sha256(bytes)]]
      }),
    ),
  )
})

test('webdataset streams our shards and msgpack unpacks them', async () => {
  await using dir = await tempDir('interop')
  await using store = new LocalDiskStore({ root: dir.path })
  const urls = await store.writeShards(Dataset.from(Sample, samples), { prefix: 'interop', maxcount: 2 })
  expect(urls).toHaveLength(3)
  const read = JSON.parse(await run(python, [script('read-with-webdataset.py'), ...urls]))
  const hex = (bytes: number) =>
    `037c753101${Buffer.from(new BigInt64Array([BigInt(bytes)]).buffer).toString('hex')}${'00'.repeat(bytes)}`
  expect(read).toEqual(KEYS.map((key, id) => [key, { id, text: `text ${id}`, image: hex(id * 700) }]))
})

test('we read what webdataset writes, as atdata does', async () => {
  await using dir = await tempDir('interop')
  await run(python, [script('write-with-webdataset.py'), dir.file('theirs.tar'), '250'])
  const Tiny = defineSample('Tiny', { id: int(), label: str() })
  let count = 0
  for await (const sample of Dataset.from(Tiny, dir.file('theirs.tar'))) {
    expect(sample).toEqual({ id: count, label: `n${count}`, __key__: `k${String(count).padStart(4, '0')}` })
    count += 1
  }
  expect(count).toBe(250)
})

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
