import { randomUUID } from 'node:crypto'
import { readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { describePds, type OwnPds, type PdsAccount, RESTART_MS } from '../../../../test/services/index.ts'
import { fileOf, ourCauseOf, publish, sharedAccounts } from './accounts.ts'

interface Kept {
  session: { accessJwt: string; refreshJwt: string }
}

await describePds('sessions by app password', () => {
  const { pds, alice, bob, freshFolder, sessionsIn } = sharedAccounts()
  const keptIn = async (folder: string, account: PdsAccount): Promise<Kept> =>
    JSON.parse(await readFile(fileOf(folder, account), 'utf8'))
  const change = async (folder: string, account: PdsAccount, tokens: Partial<Kept['session']>): Promise<void> => {
    const kept = await keptIn(folder, account)
    await writeFile(fileOf(folder, account), JSON.stringify({ ...kept, session: { ...kept.session, ...tokens } }))
  }
  test('are kept in files that nobody else may read, and serve the next process', async () => {
    const folder = freshFolder()
    const info = await sessionsIn(folder).login('alice.test', { appPassword: alice().password })
    expect(info).toEqual({ did: alice().did, handle: 'alice.test', pds: pds().url, kind: 'app-password' })
    expect((await stat(fileOf(folder, alice()))).mode & 0o777).toBe(0o600)
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
    expect(await readdir(folder)).toHaveLength(1)

    expect(await publish(sessionsIn(folder))).toMatch(`at://${alice().did}/`)
    expect(await sessionsIn(folder).list()).toEqual([info])
  })

  test('are several, told apart by handle or DID', async () => {
    const folder = freshFolder()
    const sessions = sessionsIn(folder)
    await expect(sessions.open()).rejects.toMatchObject({ code: 'session.missing' })
    await sessions.login('alice.test', { appPassword: alice().password })
    await expect(sessions.open('bob.test')).rejects.toMatchObject({
      code: 'session.missing',
      message: expect.stringContaining('shardex login bob.test'),
    })
    await sessions.login(bob().did, { appPassword: bob().password, pds: pds().url })
    await expect(sessions.open()).rejects.toMatchObject({
      code: 'usage.invalid',
      details: { wanted: 'one of alice.test, bob.test' },
    })
    expect((await sessions.open('Bob.test')).did).toBe(bob().did)
    expect((await sessions.open(alice().did)).handle).toBe('alice.test')
  })

  test('are renewed when they expire, and the new tokens are kept', async () => {
    const folder = freshFolder()
    await sessionsIn(folder).login('alice.test', { appPassword: alice().password })
    const before = await keptIn(folder, alice())
    await change(folder, alice(), { accessJwt: pds().expiredToken(alice().did) })

    await publish(sessionsIn(folder))

    const after = await keptIn(folder, alice())
    expect(after.session.refreshJwt).not.toBe(before.session.refreshJwt)
    expect((await stat(fileOf(folder, alice()))).mode & 0o777).toBe(0o600)
    await publish(sessionsIn(folder))
  })

  test('that were revoked are told as ended, with what to do next, and are forgotten', async () => {
    const folder = freshFolder()
    await sessionsIn(folder).login('alice.test', { appPassword: alice().password })
    const { session } = await keptIn(folder, alice())
    await revoke(pds(), session.refreshJwt)
    await change(folder, alice(), { accessJwt: pds().expiredToken(alice().did) })

    expect(await publish(sessionsIn(folder)).catch(ourCauseOf)).toMatchObject({
      code: 'session.expired',
      details: { account: 'alice.test' },
      message: expect.stringContaining('shardex login alice.test'),
    })
    expect(await sessionsIn(folder).list()).toEqual([])
  })

  test('that another process has renewed meanwhile go on with what it has kept', async () => {
    const folder = freshFolder()
    await sessionsIn(folder).login('alice.test', { appPassword: alice().password })
    await change(folder, alice(), { accessJwt: pds().expiredToken(alice().did) })
    const { session } = await keptIn(folder, alice())
    const slow = await sessionsIn(folder).open()
    await sessionsIn(folder).login('alice.test', { appPassword: alice().password })
    await revoke(pds(), session.refreshJwt)
    const renewed = await keptIn(folder, alice())

    expect((await slow.agent.com.atproto.server.getSession()).data.did).toBe(alice().did)
    expect(await keptIn(folder, alice())).toEqual(renewed)
  })

  test('end at the server with logout', async () => {
    const folder = freshFolder()
    await sessionsIn(folder).login('alice.test', { appPassword: alice().password })
    const { session } = await keptIn(folder, alice())
    expect(await sessionsIn(folder).logout()).toMatchObject({ handle: 'alice.test' })
    expect(await readdir(folder)).toEqual([])
    const refreshed = await fetch(`${pds().url}/xrpc/com.atproto.server.refreshSession`, {
      method: 'POST',
      headers: { authorization: `Bearer ${session.refreshJwt}` },
    })
    expect(refreshed.status).toBe(400)
  })

  test('leave nothing with logout, nor what a killed process was about to write', async () => {
    const folder = freshFolder()
    const sessions = sessionsIn(folder)
    await sessions.login('alice.test', { appPassword: alice().password })
    await sessions.login('bob.test', { appPassword: bob().password })
    const leave = async (account: PdsAccount, changedAt: Date): Promise<void> => {
      const path = `${fileOf(folder, account)}.${randomUUID()}`
      await writeFile(path, JSON.stringify(await keptIn(folder, account)))
      await utimes(path, changedAt, changedAt)
    }
    const anHourAgo = new Date(Date.now() - 3_600_000)
    await leave(alice(), new Date())
    await leave(bob(), new Date()) // another process may be writing it now
    await leave(bob(), anHourAgo)
    await sessions.logout('alice.test')
    const left = (await readdir(folder)).map((name) => join(folder, name))
    expect(left).toHaveLength(2)
    for (const path of left) expect(path).toContain(fileOf(folder, bob()))
    await sessions.logout('bob.test')
    expect(await readdir(folder)).toEqual([])
    await writeFile(`${fileOf(folder, alice())}.${randomUUID()}`, '{}')
    await utimes(join(folder, (await readdir(folder))[0]!), anHourAgo, anHourAgo)
    await expect(sessions.logout()).rejects.toMatchObject({ code: 'session.missing' })
    expect(await readdir(folder)).toEqual([])
  })

  test('are not given for a wrong password', async () => {
    const folder = freshFolder()
    const secret = 'wrong horse battery staple'
    const error = await sessionsIn(folder)
      .login('alice.test', { appPassword: secret })
      .catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      code: 'credentials.refused',
      details: { url: pds().url },
      message: expect.stringContaining('App passwords'),
    })
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(secret)
    await expect(sessionsIn(folder).login('nobody.test', { appPassword: secret })).rejects.toMatchObject({
      code: 'account.not_found',
    })
    expect(await sessionsIn(folder).list()).toEqual([])
  })

  test('of another account than the one that was asked for are not taken, and its own stays', async () => {
    const folder = freshFolder()
    const sessions = sessionsIn(folder)
    await sessions.login('alice.test', { appPassword: alice().password })
    const before = await keptIn(folder, alice())
    await using mallory = await startServer((url) => {
      if (url.pathname.endsWith('createSession'))
        return { did: alice().did, handle: 'alice.test', accessJwt: 'a', refreshJwt: 'r', active: true }
      const service = [{ id: '#atproto_pds', type: 'AtprotoPersonalDataServer', serviceEndpoint: url.origin }]
      return { id: `did:web:${encodeURIComponent(url.host)}`, alsoKnownAs: [], service }
    })
    const { host, origin } = new URL(mallory.url)
    const refusal = { code: 'credentials.refused', message: expect.stringContaining(alice().did) }
    await expect(sessions.login(`did:web:${encodeURIComponent(host)}`, { appPassword: 'x' })).rejects.toMatchObject(refusal)
    await expect(sessions.login('bob.test', { appPassword: 'x', pds: origin })).rejects.toMatchObject(refusal)
    expect(await keptIn(folder, alice())).toEqual(before)
    expect(await readdir(folder)).toHaveLength(1)
  })

  test('show their tokens nowhere', async () => {
    const folder = freshFolder()
    const sessions = sessionsIn(folder)
    const info = await sessions.login('alice.test', { appPassword: alice().password })
    const session = await sessions.open()
    const { accessJwt, refreshJwt } = (await keptIn(folder, alice())).session
    await revoke(pds(), refreshJwt)
    await change(folder, alice(), { accessJwt: pds().expiredToken(alice().did) })
    const failed = await publish(sessionsIn(folder)).catch((thrown: unknown) => thrown)
    for (const value of [sessions, info, session, failed]) {
      const shown = `${inspect(value, { depth: 20, showHidden: true })}${JSON.stringify(value)}${String(value)}`
      for (const secret of [accessJwt, refreshJwt, alice().password]) expect(shown).not.toContain(secret)
    }
  })

  test('stay when the PDS is away, and whatever lies beside them is none', { timeout: RESTART_MS }, async () => {
    const folder = freshFolder()
    const sessions = sessionsIn(folder)
    await sessions.login('bob.test', { appPassword: bob().password })
    await writeFile(join(folder, 'broken.json'), '{')
    await writeFile(join(folder, `${encodeURIComponent('did:plc:x')}.json`), JSON.stringify({ did: 'did:plc:y' }))
    await pds().kill()
    await expect(publish(sessions)).rejects.toThrow()
    await expect(sessions.login('alice.test', { appPassword: alice().password })).rejects.toMatchObject({
      code: 'atmosphere.unavailable',
    })
    await pds().restart()
    expect(await publish(sessions)).toMatch(`at://${bob().did}/`)
    expect(await sessions.list()).toHaveLength(1)
  })
})

async function startServer(answer: (url: URL) => object): Promise<AsyncDisposable & { url: string }> {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', `http://${request.headers.host}`)
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answer(url)))
  })
  await new Promise<void>((listening) => server.listen(0, 'localhost', listening))
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

async function revoke(pds: OwnPds, refreshJwt: string): Promise<void> {
  const options = { method: 'POST', headers: { authorization: `Bearer ${refreshJwt}` } }
  expect((await fetch(`${pds.url}/xrpc/com.atproto.server.deleteSession`, options)).status).toBe(200)
}
