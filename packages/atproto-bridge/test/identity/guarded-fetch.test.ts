import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { guardedFetch } from '../../src/identity/guarded-fetch.ts'

let asked = 0
const server = createServer((_, response) => {
  asked += 1
  response.end('at home')
})
let port: number
beforeAll(async () => {
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  ;({ port } = server.address() as AddressInfo)
})
afterAll(() => void server.close())

test.each([
  '127.0.0.1',
  'localhost',
  '2130706433',
  '0x7f.1',
  '127.1',
  '[::ffff:127.0.0.1]',
  '0.0.0.0',
  '[::1]',
  '169.254.169.254',
  '10.0.0.1',
  'a.localhost',
  'host.test',
])('%s is not dialed, however it is spelled', async (host) => {
  asked = 0
  const error = await guardedFetch({}, 'http')(`http://${host}:${port}/`, { signal: AbortSignal.timeout(5000) }).catch(
    (thrown: unknown) => thrown,
  )
  expect(error).toMatchObject({ code: 'url.invalid', details: { found: 'a private address' } })
  expect(asked).toBe(0)
})

test.each(['file:///etc/passwd', 'data:text/plain,x', 'ftp://host/', 'http://example.org/'])('%s is not fetched', async (url) => {
  await expect(guardedFetch({})(url)).rejects.toMatchObject({ code: 'url.invalid', details: { wanted: 'https:' } })
})

test('who allows private addresses reaches them', async () => {
  const response = await guardedFetch({ allowPrivate: true })(`http://127.0.0.1:${port}/`)
  expect(await response.text()).toBe('at home')
})
