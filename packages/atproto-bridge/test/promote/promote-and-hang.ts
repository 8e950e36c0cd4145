/** A program that promotes a dataset, prints what it sends, and hangs before it sends the blob of that number: `node promote-and-hang.ts SETTINGS`. */

import { AtpAgent } from '@atproto/api'
import { LocalIndex } from '@shardex/index'
import { openStorage, type Storage } from '@shardex/storage'
import { promote } from '../../src/index.ts'

export interface HangSettings {
  readonly url: string
  readonly handle: string
  readonly password: string
  readonly indexPath: string
  readonly name: string
  readonly blob: number
}

const { url, handle, password, indexPath, name, blob } = JSON.parse(process.argv[2] ?? '') as HangSettings
const agent = new AtpAgent({ service: url })
await agent.login({ identifier: handle, password })
await using index = new LocalIndex({ path: indexPath })
const entry = await index.getEntryByName(name)
if (entry === undefined) throw new Error(`${name} is not there`)
const storage = openStorage()
let opened = 0
const source: Storage = {
  async locate(url) {
    opened += 1
    console.log(opened === blob ? 'hanging' : url)
    if (opened === blob) await new Promise((resume) => setTimeout(resume, 600_000))
    return storage.locate(url)
  },
  [Symbol.asyncDispose]: () => storage[Symbol.asyncDispose](),
}
await promote(entry, index, agent, { source })
