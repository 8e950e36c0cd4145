import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'
import { Dataset, isShardexError } from 'shardex'
import { expect, test } from 'vitest'
import { tempDir } from '../services/index.ts'

interface GoldenShard {
  name: string
  rows: { key: string; msgpack_hex: string }[]
  tar_b64_gzip: string
}

const { shards } = JSON.parse(readFileSync(new URL('vectors/atdata-shards.json', import.meta.url), 'utf8')) as {
  shards: GoldenShard[]
}
const raw = { unpack: (bytes: Uint8Array) => ({ hex: Buffer.from(bytes).toString('hex') }) }

test.each(shards)('the shard $name of atdata gives its rows', async ({ rows, tar_b64_gzip }) => {
  await using dir = await tempDir('atdata')
  await writeFile(dir.file('x.tar'), gunzipSync(Buffer.from(tar_b64_gzip, 'base64')))
  const found: { hex: string }[] = []
  for await (const sample of Dataset.from(raw, dir.file('x.tar'))) found.push(sample)
  expect(found).toEqual(rows.map(({ key, msgpack_hex }) => ({ hex: msgpack_hex, __key__: key })))
})

test('a shard of atdata that is cut short anywhere is an error, never fewer samples', async () => {
  await using dir = await tempDir('atdata')
  const whole = gunzipSync(Buffer.from(shards.find(({ rows }) => rows.length === 3)!.tar_b64_gzip, 'base64'))
  for (const length of [100, 512, 700, 1024, 1536, 1600, 2000, 3700]) {
    await writeFile(dir.file('cut.tar'), whole.subarray(0, length))
    const reading = (async () => {
      for await (const _ of Dataset.from(raw, dir.file('cut.tar')));
    })()
    const error = await reading.then(
      () => `${length} bytes were read without complaint`,
      (caught: unknown) => caught,
    )
    expect(isShardexError(error, 'shard.corrupt', 'shard.truncated') ? 'refused' : error).toBe('refused')
  }
})
