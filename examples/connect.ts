/** LocalIndex: the ways to connect to a registry. */

import { Redis } from 'ioredis'
import { LocalIndex } from 'shardex'
import { openSetting } from './setting.ts'

await using setting = await openSetting()
const { REDIS_URL, SHARDEX_KEY_PREFIX = '' } = process.env

if (REDIS_URL === undefined) {
  // On one machine: a file, which any number of processes may share.
  await using index = new LocalIndex({ path: `${setting.dir}/index.db` })
  console.log('sqlite:', await index.getEntryByName('nothing-yet'))
} else {
  const { hostname, port } = new URL(REDIS_URL)
  // Connection options
  await using byOptions = new LocalIndex({ host: hostname, port: Number(port), db: 0, keyPrefix: SHARDEX_KEY_PREFIX })
  console.log('options:', await byOptions.getEntryByName('nothing-yet'))

  // An ioredis client of yours, which stays yours
  const redis = new Redis(REDIS_URL)
  await using byClient = new LocalIndex({ redis, keyPrefix: SHARDEX_KEY_PREFIX })
  console.log('client:', await byClient.getEntryByName('nothing-yet'))
  await redis.quit()
}
