import { writeFile } from 'node:fs/promises'
import { promote, Sessions } from '@shardex/atproto-bridge'
import { LocalIndex } from '@shardex/index'
import type { OwnPds, PdsAccount } from '../../../../test/services/index.ts'
import type { Desk } from './desk.ts'

/** Five numbers in three shards, published as blobs of the account. @returns the `at://` URI */
export async function publishNumbers(desk: Desk, pds: OwnPds, { handle, password }: PdsAccount): Promise<string> {
  await writeFile(`${desk.dir.path}/numbers.jsonl`, [0, 1, 2, 3, 4].map((value) => `{"value": ${value}}\n`).join(''))
  const inserted = await desk.shardex(['insert', 'numbers.jsonl', '--name', 'numbers', '--maxcount', '2'])
  if (inserted.code !== 0) throw new Error(inserted.stderr)
  await using index = new LocalIndex({ path: `${desk.dir.path}/home/index.db` })
  const folder = `${desk.dir.path}/publisher`
  const sessions = new Sessions({ folder, plcUrl: pds.plcUrl, handleResolver: pds.url, allowPrivate: true })
  await sessions.login(handle, { appPassword: password })
  const { agent } = await sessions.open()
  const entry = await index.getEntryByName('numbers')
  if (entry === undefined) throw new Error('no entry')
  const { uri } = await promote(entry, index, agent, { storage: 'blobs', description: 'Five numbers', license: 'CC0-1.0' })
  return uri
}
