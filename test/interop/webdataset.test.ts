import { createReadStream } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { relative } from 'node:path'
import { Dataset, type Layout } from 'shardex'
import { beforeAll, expect, test } from 'vitest'
import { needProgram, shared } from '../services/index.ts'
import { describeAtdata } from './atdata.ts'
import { describePlaces } from './places.ts'
import { Tiny, tiny } from './samples.ts'

const LAYOUTS: readonly Layout[] = ['sequence', 'content']
const samples = tiny(0, 200)

await describeAtdata('webdataset streams our shards', (atdata) => {
  beforeAll(() => needProgram('curl', 'curl')) // by which it reads HTTP

  describePlaces((where, open) => {
    const there = shared(open)

    test.each(LAYOUTS)('in the layout by %s', async (layout) => {
      const [{ dataUrls }] = await there().repo.insert(Dataset.from(Tiny, samples), `by-${layout}`, { layout, maxcount: 80 })
      expect(dataUrls.length).toBeGreaterThan(2)
      const place = where === 'Redis and S3' ? there().place : null
      const read = await atdata.call<[string, unknown][]>('stream', { urls: dataUrls, place })
      expect(read.map(([, sample]) => sample)).toEqual(samples.map(unpacked))
      expect(new Set(read.map(([key]) => key)).size).toBe(samples.length)
      for (const [i, [key]] of read.entries())
        expect(key).toMatch(layout === 'content' ? /^[0-9a-f]{32}$/ : String(i).padStart(9, '0'))
    })

    if (where === 'SQLite and disk')
      test('from a web server', async () => {
        const [{ dataUrls }] = await there().repo.insert(Dataset.from(Tiny, samples), 'on-the-web', { maxcount: 80 })
        const { root } = there().place as { root: string }
        await using web = await serve(root)
        const urls = dataUrls.map((path) => `${web.url}/${relative(root, path)}`)
        const read = await atdata.call<[string, unknown][]>('stream', { urls })
        expect(read.map(([, sample]) => sample)).toEqual(samples.map(unpacked))
      })
  })
})

/** A sample as msgpack gives it, in the form of `plain.py`. */
function unpacked({ id, label }: { id: number; label: string }): object {
  return { map: { id: { int: String(id) }, label } }
}

async function serve(root: string): Promise<AsyncDisposable & { url: string }> {
  const server: Server = createServer((request, response) => {
    createReadStream(`${root}${request.url}`)
      .on('error', () => response.writeHead(404).end())
      .pipe(response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, [Symbol.asyncDispose]: close }
}
