import { LocalIndex } from '@shardex/index'
import { Dataset, LocalDiskStore, Repo, type Where } from '@shardex/repo'
import { defineSample, float, type Infer, int, str } from '@shardex/schema'
import type { Task } from '../measure/measure.ts'

/** Text that nobody asks for, and fields that are asked for. */
const Page = defineSample('bench.Page', { id: int(), topic: str(), score: float(), text: str() })
type Page = Infer<typeof Page>

const TEXT = 'words '.repeat(350)

export interface WriteArgs {
  readonly dir: string
  readonly count: number
  readonly manifest: boolean
}

export const write: Task<WriteArgs> = async ({ dir, count, manifest }) => {
  const warm = opened(`${dir}/warm`)
  await warm.repo.insert(Dataset.from(Page, pages(count / 20)), 'warm', { manifest })
  await close(warm)
  const { index, repo } = opened(dir)
  return async () => {
    await repo.insert(Dataset.from(Page, pages(count)), 'pages', { manifest: manifest && { fields: { text: false } } })
    await close({ index, repo })
    return undefined
  }
}

export interface ReadArgs {
  readonly dir: string
  readonly how: 'all' | 'query' | 'scan' | 'count'
  readonly where: Where<Page>
}

/** Opens the registry, asks, reads what is found and checks it. */
export const read: Task<ReadArgs> = async ({ dir, how, where }) => {
  await ask({ dir, how, where: { id: 0 } })
  return async () => ({ found: await ask({ dir, how, where }) })
}

async function ask({ dir, how, where }: ReadArgs): Promise<number> {
  const { index, repo } = opened(dir)
  const dataset = await repo.open('pages', { type: Page })
  const found = how === 'all' ? dataset : dataset.query(where as never, { scan: how === 'scan' })
  let count = how === 'count' ? await found.count() : 0
  if (how !== 'count') for await (const _ of found) count += 1
  await close({ index, repo })
  return count
}

function* pages(count: number): Generator<Page> {
  for (let id = 0; id < count; id++) yield { id, topic: `topic ${id % 1000}`, score: ((id * 7919) % 1000) / 1000, text: TEXT }
}

function opened(dir: string): { index: LocalIndex; repo: Repo } {
  const index = new LocalIndex({ path: `${dir}/index.db` })
  return { index, repo: new Repo({ index, store: new LocalDiskStore({ root: `${dir}/shards` }) }) }
}

async function close({ index, repo }: { index: LocalIndex; repo: Repo }): Promise<void> {
  await repo[Symbol.asyncDispose]()
  await index[Symbol.asyncDispose]()
}
