import { readdir } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describePds, type OwnPds, type PdsAccount, startPds } from '../../../../test/services/index.ts'
import { openBrowser } from '../../../atproto-bridge/test/session/person.ts'
import { main } from '../../src/main.ts'
import { type Desk, type Ended, openDesk } from './desk.ts'
import { publishNumbers } from './publish-numbers.ts'

await describePds('what accounts have published, from the command line', () => {
  let pds: OwnPds
  let alice: PdsAccount
  let desk: Desk
  let at: string
  beforeAll(async () => {
    ;[pds, desk] = await Promise.all([startPds(), openDesk()])
    alice = await pds.createAccount('alice.test', 'correct horse battery staple')
    at = await publishNumbers(desk, pds, alice)
  })
  afterAll(async () => {
    await desk[Symbol.asyncDispose]()
    await pds[Symbol.asyncDispose]()
  })

  /** Somebody elsewhere: with no registry, and nothing but where accounts are looked up. */
  const elsewhere = (argv: readonly string[], options: { answer?: string; tty?: boolean } = {}): Promise<Ended> =>
    desk.shardex(argv, { ...options, env: env() })
  const env = (): Record<string, string> => ({
    SHARDEX_HOME: `${desk.dir.path}/nowhere`,
    XDG_CONFIG_HOME: `${desk.dir.path}/config`,
    SHARDEX_PLC_URL: pds.plcUrl,
    SHARDEX_HANDLE_RESOLVER: pds.url,
    SHARDEX_ALLOW_PRIVATE: '1',
  })

  test('show says what an account has published, by URI and by name', async () => {
    const { code, stdout } = await elsewhere(['show', at, '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      name: 'numbers',
      fields: ['value: int'],
      sampleCount: 5,
      published: { uri: at, did: alice.did, storage: 'blobs', description: 'Five numbers', license: 'CC0-1.0' },
    })
    const named = await elsewhere(['show', '@alice.test/numbers'])
    expect(named.stdout).toContain(at)
    expect(named.stdout).toContain('Five numbers')
    expect((await elsewhere(['show', `${alice.did}/numbers`, '--json'])).stdout).toBe(stdout)
  })

  test('ls lists what an account has published, with URIs', async () => {
    const { code, stdout } = await elsewhere(['ls', '@alice.test', '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject([{ name: 'numbers', uri: at, sampleCount: 5, shardCount: 3 }])
    expect((await elsewhere(['ls', alice.did])).stdout).toContain(at)
  })

  test('head reads samples, and one by its key', async () => {
    const { code, stdout } = await elsewhere(['head', 'alice.test/numbers', '-n', '2', '--json'])
    expect(code).toBe(0)
    const samples = JSON.parse(stdout) as { __key__: string; value: number }[]
    expect(samples.map(({ value }) => value)).toEqual([0, 1])
    const one = await elsewhere(['head', at, '--key', samples[1]!.__key__, '--json'])
    expect(JSON.parse(one.stdout)).toEqual([samples[1]])
  })

  test('verify holds every byte against the record', async () => {
    const { code, stdout } = await elsewhere(['verify', at, '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject([{ name: 'numbers', ok: true, shards: [{ ok: true }, { ok: true }, { ok: true }] }])
  })

  test.each([
    [['show', '@alice.test/nothing'], 3, 'there is no dataset @alice.test/nothing'],
    [['show', '@nobody.test/numbers'], 3, 'the account nobody.test was not found'],
    [['show', 'at://alice.test/x'], 2, 'is no reference'],
    [['show', '@alice.test/numbers', '--at', '1'], 2, 'others publish no history'],
    [['verify', '@alice.test/numbers', '--repair'], 2, 'only read'],
  ])('%j is refused with exit %i', async (argv, exit, message) => {
    const { code, stderr } = await elsewhere(argv)
    expect(stderr).toContain(message)
    expect(code).toBe(exit)
  })

  test('addresses at home are refused without leave', async () => {
    const strict = { ...env(), SHARDEX_ALLOW_PRIVATE: '0' }
    const { code, stderr } = await desk.shardex(['show', at], { env: strict })
    expect(stderr).toContain('SHARDEX_ALLOW_PRIVATE=1')
    expect(code).toBe(2)
  })

  test('login by the browser shows where to go, and waits for the person', async () => {
    const shown = Promise.withResolvers<string>()
    const written = { stdout: '', stderr: '' }
    const stderr = {
      write(text: string) {
        written.stderr += text
        const [url] = /http:\S+/.exec(text) ?? []
        if (url !== undefined) shown.resolve(url)
      },
    }
    const stdout = {
      write(text: string) {
        written.stdout += text
      },
    }
    const { signal } = new AbortController()
    const terminal = { stdin: Readable.from([]), stdout, stderr, env: env(), cwd: desk.dir.path, signal }
    const logging = main(['login', 'alice.test', '--json'], terminal)
    await openBrowser().approve(await shown.promise, alice)
    expect(await logging).toBe(0)
    expect(JSON.parse(written.stdout)).toMatchObject({ did: alice.did, kind: 'oauth' })
    expect(written.stderr).toContain('Open this address in a browser')
    expect((await elsewhere(['logout'])).code).toBe(0)
  })

  test('login by app password, whoami and logout; nothing printed is secret', async () => {
    const printed: string[] = []
    const run = async (argv: readonly string[], answer = ''): Promise<Ended> => {
      const ended = await elsewhere(argv, { answer })
      printed.push(ended.stdout, ended.stderr)
      return ended
    }
    expect((await run(['whoami'])).stdout).toContain('nobody is logged in')
    expect(await run(['login', 'alice.test', '--app-password-stdin'], 'wrong horse\n')).toMatchObject({ code: 6 })
    expect(await run(['login', 'alice.test', '--app-password-stdin'])).toMatchObject({ code: 2 })
    const login = await run(['login', 'alice.test', '--app-password-stdin', '--json'], `${alice.password}\n`)
    expect(login.stderr).toBe('')
    expect(JSON.parse(login.stdout)).toEqual({ did: alice.did, handle: 'alice.test', pds: pds.url, kind: 'app-password' })
    expect((await run(['whoami'])).stdout).toContain(alice.did)
    const kept = await readdir(`${desk.dir.path}/config/shardex/sessions`)
    expect(kept.filter((name) => name !== 'renewing.lock')).toHaveLength(1)
    expect((await run(['logout', 'bob.test'])).stderr).toContain('shardex login bob.test')
    expect(await run(['logout'])).toMatchObject({ code: 0 })
    expect(await run(['logout'])).toMatchObject({ code: 6 })
    expect(printed.join('')).not.toMatch(/horse|eyJ/)
  })
})
