import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { openIdentity } from '../../src/identity/resolve-account.ts'

/** A web server of somebody. */
async function serve(answer: RequestListener): Promise<AsyncDisposable & { readonly port: number; readonly url: string }> {
  const server = createServer(answer)
  await new Promise<void>((listening) => server.listen(0, 'localhost', listening))
  const { port } = server.address() as AddressInfo
  return {
    port,
    url: `http://localhost:${port}`,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

const json =
  (make: (host: string, path: string) => unknown): RequestListener =>
  (request, response) => {
    const value = make(request.headers.host ?? '', request.url ?? '')
    response.writeHead(value === undefined ? 404 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(value))
  }

const didOf = (host: string): string => `did:web:${host.replace(':', '%3A')}`
const document = (host: string, more: object = {}) => ({
  id: didOf(host),
  alsoKnownAs: ['at://alice.test'],
  service: [{ id: '#atproto_pds', type: 'AtprotoPersonalDataServer', serviceEndpoint: 'https://pds.example.com/' }],
  ...more,
})

describe('accounts of did:web', () => {
  test('are where their document says', async () => {
    await using web = await serve(json((host, path) => (path === '/.well-known/did.json' ? document(host) : undefined)))
    const did = didOf(`localhost:${web.port}`)
    expect(await openIdentity({ allowPrivate: true }).resolve(did)).toEqual({ did, pds: 'https://pds.example.com' })
  })

  test.each([
    ['of another', { id: 'did:web:other.example' }],
    ['without a PDS', { service: [] }],
    [
      'with files for a PDS',
      { service: [{ id: '#atproto_pds', type: 'AtprotoPersonalDataServer', serviceEndpoint: 'file:///etc' }] },
    ],
    [
      'with a password in its PDS',
      { service: [{ id: '#atproto_pds', type: 'AtprotoPersonalDataServer', serviceEndpoint: 'https://a:b@host' }] },
    ],
    ['that is no document', { id: 7 }],
  ])('a document %s is none', async (_, change) => {
    await using web = await serve(json((host) => document(host, change)))
    const did = didOf(`localhost:${web.port}`)
    await expect(openIdentity({ allowPrivate: true }).resolve(did)).rejects.toMatchObject({ code: 'account.not_found' })
  })

  test('a document without end is not read to its end', async () => {
    await using web = await serve((_, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
        if (!response.destroyed) response.once('drain', more)
      }
      more()
    })
    const did = didOf(`localhost:${web.port}`)
    await expect(openIdentity({ allowPrivate: true }).resolve(did)).rejects.toMatchObject({ code: 'atmosphere.unavailable' })
  })

  test('are not looked up at home', async () => {
    let asked = 0
    await using web = await serve((_, response) => {
      asked += 1
      response.end()
    })
    await expect(openIdentity().resolve(didOf(`localhost:${web.port}`))).rejects.toMatchObject({ code: 'atmosphere.unavailable' })
    expect(asked).toBe(0)
  })
})

describe('handles', () => {
  test('count only if the account they lead to says the same', async () => {
    await using web = await serve(
      json((host, path) => (path.startsWith('/xrpc/com.atproto.identity.resolveHandle') ? { did: didOf(host) } : document(host))),
    )
    const did = didOf(`localhost:${web.port}`)
    const identity = openIdentity({ allowPrivate: true, handleResolver: web.url })
    expect(await identity.resolve('Alice.test')).toEqual({ did, handle: 'alice.test', pds: 'https://pds.example.com' })
    await expect(identity.resolve('mallory.test')).rejects.toMatchObject({
      code: 'account.not_found',
      message: expect.stringContaining('whose handle is alice.test'),
    })
  })

  test.each([{}, { did: 7 }, { did: 'did:' }, { did: 'alice.test' }, undefined, []])(
    'are led nowhere by the answer %j',
    async (answer) => {
      await using web = await serve(json(() => answer))
      const identity = openIdentity({ allowPrivate: true, handleResolver: web.url })
      await expect(identity.resolve('alice.test')).rejects.toMatchObject({
        code: expect.stringMatching(/account.not_found|atmosphere.refused/),
      })
    },
  )

  test.each(['', 'alice', 'alice..test', '-a.test', '../x.test', 'did:', 'did:plc', 'a b.test', 'x'.repeat(300)])(
    '%j is none',
    async (text) => {
      await expect(openIdentity().resolve(text)).rejects.toMatchObject({ code: 'ref.invalid' })
    },
  )
})

test('other methods of DIDs are told as what they are', async () => {
  await expect(openIdentity().resolve('did:key:zabc')).rejects.toMatchObject({
    code: 'account.not_found',
    message: expect.stringContaining('did:plc and did:web'),
  })
})
