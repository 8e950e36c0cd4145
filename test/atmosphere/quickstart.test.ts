import { createHash } from 'node:crypto'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promote, Sessions } from '@shardex/atproto-bridge'
import { type Entry, LocalIndex } from '@shardex/index'
import { Dataset } from '@shardex/repo'
import { expect, test } from 'vitest'
import { describePds, run, startPds, tempDir } from '../services/index.ts'

const BIN = fileURLToPath(new URL('../../packages/cli/src/bin.ts', import.meta.url))
const EMOJI = dirname(fileURLToPath(import.meta.resolve('emoji-datasource-twitter/package.json')))

/** What a stranger runs: nothing of it knows the registry, the store or the account. */
const STRANGER = `
import { createHash } from 'node:crypto'
import { AtmosphereIndex } from '@shardex/atproto-bridge'
await using atmosphere = new AtmosphereIndex({ plcUrl: process.env.PLC_URL, allowPrivate: true })
const dataset = await atmosphere.open(process.env.AT_URI)
const hash = createHash('sha256')
let count = 0
for await (const { __key__, image, name } of dataset) {
  hash.update(__key__).update(image).update(String(name))
  count += 1
}
const one = await dataset.byKey('1f600')
console.log(JSON.stringify({ count, digest: hash.digest('hex'), grinning: one.name, fields: Object.keys(dataset.type.fields) }))
`

await describePds('the images of the quickstart', () => {
  test('are promoted to a PDS, streamed and proved by a process that knows the URI only, and promoted again without a change', {
    timeout: 240_000,
  }, async () => {
    await using pds = await startPds()
    await using home = await tempDir('promoted')
    const alice = await pds.createAccount('alice.test', 'correct horse battery staple')
    const env = {
      SHARDEX_HOME: home.file('home'),
      XDG_CONFIG_HOME: home.file('config'),
      SHARDEX_ALLOW_PRIVATE: '1',
      SHARDEX_PLC_URL: pds.plcUrl,
    }
    const shardex = async (...argv: string[]): Promise<unknown> =>
      JSON.parse(await run(process.execPath, ['--conditions=@shardex/source', BIN, ...argv, '--json'], env))
    await shardex(
      'insert',
      join(EMOJI, 'img/twitter/64'),
      '--name',
      'emoji',
      '--labels',
      join(EMOJI, 'emoji.json'),
      '--maxcount',
      '1000',
    )
    await using index = new LocalIndex({ path: home.file('home', 'index.db') })
    const entry = (await index.getEntryByName('emoji'))!
    const sessions = new Sessions({
      folder: home.file('sessions'),
      plcUrl: pds.plcUrl,
      handleResolver: pds.url,
      allowPrivate: true,
    })
    await sessions.login('alice.test', { appPassword: alice.password })
    const { agent } = await sessions.open('alice.test')

    const first = await promote(entry, index, agent, { description: 'Images of emoji', storage: 'blobs' })

    expect(first).toMatchObject({ schema: 'created', entry: 'created', label: 'created' })
    const strangers = { AT_URI: first.uri, PLC_URL: pds.plcUrl, HOME: home.file('stranger'), SHARDEX_HOME: home.file('stranger') }
    const argv = ['--conditions=@shardex/source', '--input-type=module', '-e', STRANGER]
    const seen = JSON.parse(await run(process.execPath, argv, strangers)) as Record<string, unknown>
    expect(seen).toMatchObject({ count: entry.sampleCount, grinning: 'GRINNING FACE', digest: await digestOf(entry, index) })
    expect(await shardex('verify', first.uri)).toMatchObject([{ name: 'emoji', ok: true }])

    const again = await promote(entry, index, agent, { description: 'Images of emoji', storage: 'blobs' })

    expect(again).toEqual({ ...first, schema: 'unchanged', entry: 'unchanged', label: 'unchanged', sentBytes: 0 })
    expect(JSON.parse(await run(process.execPath, argv, strangers))).toEqual(seen)
  })
})

/** Of the samples at home. */
async function digestOf(entry: Entry, index: LocalIndex): Promise<string> {
  const hash = createHash('sha256')
  const dataset = Dataset.from(await index.decodeSchema(entry.schemaRef), entry)
  for await (const { __key__, image, name } of dataset) {
    hash
      .update(__key__)
      .update(image as Uint8Array)
      .update(String(name))
  }
  return hash.digest('hex')
}
