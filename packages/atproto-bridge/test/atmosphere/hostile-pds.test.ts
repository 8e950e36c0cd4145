import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isShardexError } from '@shardex/errors'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { AtmosphereIndex } from '../../src/atmosphere/atmosphere-index.ts'
import { atdataRecords } from '../vectors.ts'
import { cidOf } from './fetched.ts'

/** What the server of an attacker says to whatever it is asked; it is also the PDS of the attacker's account. */
let answer: (url: URL, response: ServerResponse) => void
const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', `http://${request.headers.host}`)
  if (url.pathname !== '/.well-known/did.json') return answer(url, response)
  const service = [{ id: '#atproto_pds', type: 'AtprotoPersonalDataServer', serviceEndpoint: url.origin }]
  response.end(JSON.stringify({ id: did, alsoKnownAs: [], service }))
})
let did: string
let atmosphere: AtmosphereIndex
beforeAll(async () => {
  await new Promise<void>((listening) => server.listen(0, 'localhost', listening))
  did = `did:web:localhost%3A${(server.address() as AddressInfo).port}`
  atmosphere = new AtmosphereIndex({ allowPrivate: true })
})
afterAll(async () => {
  await atmosphere[Symbol.asyncDispose]()
  server.closeAllConnections()
  server.close()
})

const say = (value: unknown): void => {
  answer = (_, response) => void response.end(JSON.stringify(value))
}
const ENTRY = 'science.alt.dataset.entry'
const golden = atdataRecords.createRecord_calls.find(({ record }) => record['name'] === 'http')!.record
const listed = (rkey: string, more: object = {}) => ({
  uri: `at://${did}/${ENTRY}/${rkey}`,
  cid: cidOf(golden),
  value: golden,
  ...more,
})

test('whatever it answers, the answer is refused as what it is, or read', async () => {
  const value = fc.oneof(
    fc.jsonValue({ maxDepth: 4 }),
    fc.record({
      uri: fc.string(),
      cid: fc.oneof(fc.string(), fc.constant(cidOf(golden))),
      value: fc.oneof(fc.jsonValue(), fc.constant(golden)),
    }),
    fc.record({ records: fc.oneof(fc.jsonValue(), fc.array(fc.jsonValue())), cursor: fc.jsonValue() }),
    fc.record({ did: fc.jsonValue(), error: fc.string(), message: fc.jsonValue() }),
  )
  await fc.assert(
    fc.asyncProperty(value, async (said) => {
      say(said)
      for (const call of [
        () => atmosphere.getEntry(`at://${did}/${ENTRY}/3k`),
        () => atmosphere.getSchema(`at://${did}/science.alt.dataset.schema/3k`),
        () => atmosphere.getEntry(`${did}/name@1`),
        () => atmosphere.listEntries(did),
      ]) {
        const error = await call().then(
          () => undefined,
          (thrown: unknown) => thrown,
        )
        expect(error === undefined || isShardexError(error)).toBe(true)
      }
    }),
    { numRuns: 150 },
  )
})

test('records that it puts among others are told, and the others are read', async () => {
  say({
    records: [
      listed('a'),
      listed('b', { cid: cidOf({}) }),
      listed('c', { uri: 'at://did:plc:victim/science.alt.dataset.entry/c' }),
      listed('../d'),
      null,
      listed('e', { value: { ...golden, storage: { $type: 'science.alt.dataset.storageHttp', shards: [] } } }),
    ],
  })
  const { items, invalid } = await atmosphere.listEntries(did)
  expect(items.map(({ uri }) => uri)).toEqual([`at://${did}/${ENTRY}/a`])
  expect(invalid).toHaveLength(5)
})

test('lists without end, in circles, or of too much end nevertheless', async () => {
  say({ records: [listed('a')], cursor: 'again' })
  const names: string[] = []
  for await (const { name } of atmosphere.entries(did)) names.push(name)
  expect(names.length).toBeLessThan(10)
  say({ records: Array.from({ length: 101 }, (_, i) => listed(`r${i}`)) })
  await expect(atmosphere.listEntries(did)).rejects.toMatchObject({ code: 'record.invalid' })
  let page = 0
  answer = (url, response) => {
    if (!url.pathname.endsWith('listRecords')) return void response.writeHead(400).end('{"error":"RecordNotFound"}')
    page += 1
    response.end(JSON.stringify({ records: [listed('a')], cursor: String(page) }))
  }
  await expect(atmosphere.getEntry(`${did}/nothing`)).rejects.toMatchObject({ code: 'record.invalid' })
  expect(page).toBe(1000)
})

test('pages without end of nothing that can be read end with an error', async () => {
  let page = 0
  answer = (_, response) => {
    page += 1
    const records = page === 500 ? [listed('a')] : [listed('b', { cid: cidOf({}) })]
    response.end(JSON.stringify({ records, cursor: page < 3000 ? String(page) : undefined }))
  }
  const names: string[] = []
  const all = async (): Promise<void> => {
    for await (const { name } of atmosphere.entries(did)) names.push(name)
  }
  await expect(all()).rejects.toMatchObject({ code: 'record.invalid', message: expect.stringContaining('1000 pages') })
  expect(names).toHaveLength(1)
  expect(page).toBe(1500)
  page = 1000
  await expect(atmosphere.schemas(did)[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'record.invalid' })
  expect(page).toBe(2000)
})

test('an answer without end is not read to its end', async () => {
  answer = (_, response) => {
    const more = (): void => {
      while (!response.destroyed && response.write(' '.repeat(65_536)));
      if (!response.destroyed) response.once('drain', more)
    }
    more()
  }
  await expect(atmosphere.getEntry(`at://${did}/${ENTRY}/3k`)).rejects.toMatchObject({ code: 'record.invalid' })
})

test('a redirect is not followed', async () => {
  let elsewhere = 0
  answer = (url, response) => {
    if (url.pathname === '/elsewhere') elsewhere += 1
    response.writeHead(302, { location: '/elsewhere' }).end()
  }
  await expect(atmosphere.getEntry(`at://${did}/${ENTRY}/3k`)).rejects.toMatchObject({ code: 'atmosphere.unavailable' })
  expect(elsewhere).toBe(0)
})
