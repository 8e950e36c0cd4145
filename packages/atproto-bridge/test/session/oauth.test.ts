import { once } from 'node:events'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { describePds } from '../../../../test/services/index.ts'
import { withFileLock } from '../../src/session/file-lock.ts'
import { causesOf, fileOf, ourCauseOf, publish, sharedAccounts } from './accounts.ts'
import { openBrowser } from './person.ts'

interface Kept {
  session: { dpopJwk: object; tokenSet: { access_token: string; refresh_token: string; expires_at: string } }
}

await describePds('sessions by OAuth', () => {
  const { pds, alice, freshFolder, sessionsIn } = sharedAccounts()
  const fileIn = (folder: string): string => fileOf(folder, alice())
  const keptIn = async (folder: string): Promise<Kept> => JSON.parse(await readFile(fileIn(folder), 'utf8'))
  const login = async (folder: string, account = 'alice.test') => {
    const { promise: page, resolve: onUrl } = Promise.withResolvers<string>()
    const [info, shown] = await Promise.all([
      sessionsIn(folder).loginByBrowser({ account, onUrl }),
      page.then((url) => openBrowser().approve(url, alice())),
    ])
    expect(shown).toContain('go back to the terminal')
    return info
  }
  const filesIn = async (folder: string): Promise<string[]> => (await readdir(folder)).filter((name) => name !== 'renewing.lock')
  const expire = async (folder: string): Promise<void> => {
    const kept = await keptIn(folder)
    kept.session.tokenSet.expires_at = new Date(Date.now() - 1000).toISOString()
    await writeFile(fileIn(folder), JSON.stringify(kept))
  }

  test('begin in the browser of a person, are kept for the owner alone, and publish with DPoP', async () => {
    const folder = freshFolder()
    expect(await login(folder)).toEqual({ did: alice().did, handle: 'alice.test', pds: pds().url, kind: 'oauth' })
    expect((await stat(fileIn(folder))).mode & 0o777).toBe(0o600)
    expect(await filesIn(folder)).toHaveLength(1)

    expect(await publish(sessionsIn(folder))).toMatch(`at://${alice().did}/`)
    const { access_token } = (await keptIn(folder)).session.tokenSet
    const stolen = await fetch(`${pds().url}/xrpc/com.atproto.server.getSession`, {
      headers: { authorization: `DPoP ${access_token}` },
    })
    expect(stolen.status).toBe(401) // good for nothing without the key
  })

  test('begin at once, though the browser has opened connections on which it sends nothing', async () => {
    const folder = freshFolder()
    const { promise: page, resolve: onUrl } = Promise.withResolvers<string>()
    const logging = sessionsIn(folder).loginByBrowser({ account: 'alice.test', onUrl })
    const client = new URL(new URL(await page).searchParams.get('client_id')!)
    const idle = connect(Number(new URL(client.searchParams.get('redirect_uri')!).port), '127.0.0.1')
    idle.on('error', () => {}) // cut off, as it should be
    await once(idle, 'connect')
    const over = once(idle, 'close')
    expect(await openBrowser().approve(await page, alice())).toContain('go back to the terminal')
    expect(await logging).toMatchObject({ handle: 'alice.test' })
    await over
  })

  test('send blobs as streams', async () => {
    const folder = freshFolder()
    await login(folder)
    const { agent } = await sessionsIn(folder).open()
    await agent.com.atproto.server.getSession() // the server gives its nonce with the first answer
    const body = ReadableStream.from([new Uint8Array(1 << 20)]) as unknown as Blob
    const { data } = await agent.com.atproto.repo.uploadBlob(body, {
      encoding: 'application/x-tar',
      headers: { 'content-length': String(1 << 20) },
    })
    expect(data.blob.size).toBe(1 << 20)
  })

  test('are renewed before they expire, by one process at a time, and kept again', async () => {
    const folder = freshFolder()
    await login(folder)
    const before = await keptIn(folder)
    await expire(folder)
    const uris = await Promise.all([publish(sessionsIn(folder)), publish(sessionsIn(folder)), publish(sessionsIn(folder))])
    expect(new Set(uris).size).toBe(3)
    const after = await keptIn(folder)
    expect(after.session.tokenSet.refresh_token).not.toBe(before.session.tokenSet.refresh_token)
    expect((await stat(fileIn(folder))).mode & 0o777).toBe(0o600)
    expect(await filesIn(folder)).toHaveLength(1)
  })

  test('wait for whoever renews them only as long as the caller does', async () => {
    const folder = freshFolder()
    await login(folder)
    const { agent } = await sessionsIn(folder).open()
    const stop = new AbortController()
    const reason = new Error('enough')
    const failed = await withFileLock(join(folder, 'renewing.lock'), () => {
      const call = agent.com.atproto.server.getSession(undefined, { signal: stop.signal }).catch((error: unknown) => error)
      stop.abort(reason)
      return call // under the lock: it could never have got it
    })
    expect(causesOf(failed)).toContain(reason)
    expect((await agent.com.atproto.server.getSession()).data.did).toBe(alice().did)
  })

  test('that were revoked are told as ended, with what to do next, and show their tokens nowhere', async () => {
    const folder = freshFolder()
    await login(folder)
    const { tokenSet } = (await keptIn(folder)).session
    const other = freshFolder()
    await login(other)
    await writeFile(fileIn(other), await readFile(fileIn(folder)))
    await sessionsIn(other).logout()

    const failed = await publish(sessionsIn(folder)).catch((error: unknown) => error)
    expect(ourCauseOf(failed)).toMatchObject({
      code: 'session.expired',
      message: expect.stringContaining('shardex login alice.test'),
    })
    expect(await sessionsIn(folder).list()).toEqual([])
    const shown = inspect(failed, { depth: 20, showHidden: true })
    for (const secret of [tokenSet.access_token, tokenSet.refresh_token]) expect(shown).not.toContain(secret)
  })

  test('are not given if the person refuses, is somebody else, or never comes', async () => {
    const folder = freshFolder()
    const sessions = sessionsIn(folder)
    const refused = Promise.withResolvers<string>()
    const denial = sessions.loginByBrowser({ account: 'alice.test', onUrl: refused.resolve })
    denial.catch(() => {})
    await openBrowser().reject(await refused.promise)
    await expect(denial).rejects.toMatchObject({ code: 'credentials.refused' })

    const other = Promise.withResolvers<string>()
    const mistaken = sessions.loginByBrowser({ account: 'bob.test', onUrl: other.resolve })
    mistaken.catch(() => {})
    await openBrowser().approve(await other.promise, alice())
    await expect(mistaken).rejects.toMatchObject({ code: 'credentials.refused', message: expect.stringContaining('alice.test') })

    const stop = new AbortController()
    const reason = new Error('enough')
    const waiting = sessions.loginByBrowser({ account: 'alice.test', onUrl: () => stop.abort(reason), signal: stop.signal })
    await expect(waiting).rejects.toBe(reason)
    expect(await sessions.list()).toEqual([])
    await expect(sessions.loginByBrowser({ account: 'nobody.test', onUrl: () => {} })).rejects.toMatchObject({
      code: 'atmosphere.unavailable',
    })
  })
})
