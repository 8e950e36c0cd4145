import { join } from 'node:path'
import { isShardexError } from '@shardex/errors'
import { type PdsAccount, shared, startPds, tempDir } from '../../../../test/services/index.ts'
import { Sessions } from '../../src/session/sessions.ts'

/** A PDS with two accounts for the tests of a suite, and folders of their own for those who log in. */
export function sharedAccounts() {
  const pds = shared(startPds)
  const home = shared(() => tempDir('sessions'))
  const alice = shared(() => pds().createAccount('alice.test', 'correct horse battery staple'))
  const bob = shared(() => pds().createAccount('bob.test', 'correct horse'))
  let folders = 0
  const freshFolder = (): string => home().file(`config-${folders++}/shardex/sessions`)
  const sessionsIn = (folder: string): Sessions =>
    new Sessions({ folder, plcUrl: pds().plcUrl, handleResolver: pds().url, allowPrivate: true })
  return { pds, alice, bob, freshFolder, sessionsIn }
}

/** Where the session of an account is kept. */
export function fileOf(folder: string, { did }: PdsAccount): string {
  return join(folder, `${encodeURIComponent(did)}.json`)
}

/** What can only be done in a session. @returns the URI of the record */
export async function publish(sessions: Sessions, account?: string): Promise<string> {
  const { agent, did } = await sessions.open(account)
  const record = { $type: 'science.alt.dataset.label', name: 'x', createdAt: new Date().toISOString() }
  const { data } = await agent.com.atproto.repo.createRecord({ repo: did, collection: record.$type, record, validate: false })
  return data.uri
}

/** An error, what it was caused by, and so on. */
export function causesOf(error: unknown): unknown[] {
  return error instanceof Error ? [error, ...causesOf(error.cause)] : []
}

/** The first of these that is ours. */
export function ourCauseOf(error: unknown): unknown {
  return causesOf(error).find((cause) => isShardexError(cause))
}
