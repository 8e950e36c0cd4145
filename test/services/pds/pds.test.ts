import { expect, test } from 'vitest'
import { describePds } from './describe-pds.ts'
import { RESTART_MS, startPds } from './start-pds.ts'

await describePds('a PDS of one’s own', () => {
  test('makes accounts, which its directory knows, and has them still after a crash', { timeout: RESTART_MS }, async () => {
    await using pds = await startPds()
    const { did } = await pds.createAccount('alice.test', 'hunter22')
    expect(await json(`${pds.plcUrl}/${did}`)).toMatchObject({
      alsoKnownAs: ['at://alice.test'],
      service: [{ type: 'AtprotoPersonalDataServer', serviceEndpoint: pds.url }],
    })
    await pds.kill()
    await expect(fetch(pds.url)).rejects.toThrow()
    await pds.restart()
    expect(await json(`${pds.url}/xrpc/com.atproto.identity.resolveHandle?handle=alice.test`)).toEqual({ did })
    const session = await fetch(`${pds.url}/xrpc/com.atproto.server.getSession`, {
      headers: { authorization: `Bearer ${pds.expiredToken(did)}` },
    })
    expect(await session.json()).toMatchObject({ error: 'ExpiredToken' })
  })
})

async function json(url: string): Promise<unknown> {
  return (await fetch(url)).json()
}
