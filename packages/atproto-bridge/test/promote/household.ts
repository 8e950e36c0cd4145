import { randomUUID } from 'node:crypto'
import { AtpAgent } from '@atproto/api'
import { type ErrorCode, isShardexError, type ShardexError } from '@shardex/errors'
import { type Entry, LocalIndex } from '@shardex/index'
import { Dataset, LocalDiskStore, Repo } from '@shardex/repo'
import { bytes, defineSample, int, NDArray, ndarray } from '@shardex/schema'
import type { Storage } from '@shardex/storage'
import { type OwnPds, type TempDir, tempDir } from '../../../../test/services/index.ts'

export const Digit = defineSample('demo.Digit', {
  pixels: ndarray('uint8', [2, 2]),
  label: int(),
  more: bytes().optional(),
})

/** A registry and a store on disk. */
export interface Household extends AsyncDisposable {
  readonly dir: TempDir
  readonly index: LocalIndex
  readonly repo: Repo
  /** A dataset of `count` samples from number `first` on, ten to a shard. @param weight bytes that each has besides */
  insert(name: string, count: number, first?: number, weight?: number): Promise<Entry>
}

export async function openHousehold(): Promise<Household> {
  await using undo = new AsyncDisposableStack()
  const dir = undo.use(await tempDir('promote'))
  const index = undo.use(new LocalIndex({ path: dir.file('index.db') }))
  const store = undo.use(new LocalDiskStore({ root: dir.file('shards') }))
  const repo = undo.use(new Repo({ index, store }))
  const owned = undo.move()
  return {
    dir,
    index,
    repo,
    async insert(name, count, first = 0, weight = 0) {
      const [entry] = await repo.insert(Dataset.from(Digit, digits(count, first, weight)), name, { maxcount: 10 })
      return entry
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

function* digits(count: number, first: number, weight: number) {
  for (let label = first; label < first + count; label++) {
    const pixels = NDArray.from(Uint8Array.of(label, 1, 2, 3), [2, 2])
    yield { pixels, label, ...(weight > 0 && { more: new Uint8Array(weight).fill(label) }) }
  }
}

/** An agent of a new account. */
export async function newAgent(pds: OwnPds): Promise<AtpAgent> {
  const { handle, password } = await pds.createAccount(`a${randomUUID().slice(0, 8)}.test`, 'hunter22')
  return login(pds, handle, password)
}

export async function login(pds: OwnPds, identifier: string, password: string): Promise<AtpAgent> {
  const agent = new AtpAgent({ service: pds.url })
  await agent.login({ identifier, password })
  return agent
}

/** Every record on datasets that an account has, with its CID, by its URI without the account. */
export async function recordsOf(agent: AtpAgent): Promise<Record<string, string>> {
  const all: [string, string][] = []
  for (const part of ['schema', 'entry', 'label', 'lens']) {
    const collection = `science.alt.dataset.${part}`
    const { data } = await agent.com.atproto.repo.listRecords({ repo: agent.assertDid, collection, limit: 100 })
    all.push(...data.records.map(({ uri, cid }): [string, string] => [uri.split('/').slice(3).join('/'), cid]))
  }
  return Object.fromEntries(all)
}

export async function recordAt(agent: AtpAgent, uri: string): Promise<Record<string, unknown>> {
  const [, , repo = '', collection = '', rkey = ''] = uri.split('/')
  return (await agent.com.atproto.repo.getRecord({ repo, collection, rkey })).data.value as Record<string, unknown>
}

export async function headOf(agent: AtpAgent): Promise<string> {
  return (await agent.com.atproto.sync.getLatestCommit({ did: agent.assertDid })).data.cid
}

/** A storage before whose `count`th opening of an object something else happens. */
export function interrupted(storage: Storage, count: number, happen: () => Promise<unknown>): Storage {
  let opened = 0
  return {
    async locate(url) {
      opened += 1
      if (opened === count) await happen()
      return storage.locate(url)
    },
    [Symbol.asyncDispose]: async () => undefined,
  }
}

/** What a call is refused with. Fails if it is not, or otherwise. */
export async function refusal<C extends ErrorCode>(call: Promise<unknown>, code: C): Promise<ShardexError<C>> {
  const error: unknown = await call.then(
    () => new Error('it was not refused'),
    (reason: unknown) => reason,
  )
  if (isShardexError(error, code)) return error
  throw error
}
