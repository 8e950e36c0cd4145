/**
 * `node collector.ts ADDRESS`: a process that collects garbage without any grace, run after run, until it is killed. Like `writer.ts` it knows
 * nothing of faults.
 */
import { flushCompileCache } from 'node:module'
import { collectGarbage } from '@shardex/repo'
import { openRepo, type RepoAddress } from './repo-address.ts'

/** How often it runs before it thinks that nobody means to kill it. */
const MAX_RUNS = 20

const [address = ''] = process.argv.slice(2)
await using repo = openRepo(JSON.parse(address) as RepoAddress)
process.on('disconnect', () => process.exit())
flushCompileCache()
process.send?.('ready')
const { index, store } = repo
for (let run = 0; run < MAX_RUNS; run++)
  await collectGarbage({ index, storage: store.storage, graceMs: 0, resumableMs: 0, uploadMs: 0 })
process.disconnect?.()
