import { isAbsolute, resolve, sep } from 'node:path'
import { isShardexError, ShardexError } from '@shardex/errors'
import type { Entry } from '@shardex/index'
import { contentFolderOf, INDEX_SUFFIX } from '@shardex/repo'
import { collect } from '../collect.ts'
import type { Command } from '../command.ts'
import type { Config } from '../config.ts'
import type { Context } from '../context.ts'
import { findEntry, isCid } from '../find-entry.ts'
import { printable } from '../output/printable.ts'
import { formatBytes, formatCount } from '../output/units.ts'
import { counted } from '../print-facts.ts'
import { usageError } from '../usage-error.ts'

interface Removed {
  /** `undefined` if an entry without name was purged. */
  readonly name?: string | undefined
  /** The last revision that pointed to the entry. */
  readonly revision?: number | undefined
  readonly cid: string
  /** Whether the entry is gone from the registry, and how many shards from the store. */
  readonly purged: boolean
  readonly shardsDeleted: number
  /** Shards that other entries may share: `shardex gc` deletes those that nothing needs. */
  readonly shardsLeft: number
  /** Why a purge left the entry: the names and labels that still point to it. */
  readonly keptFor: readonly string[]
}

export const rm: Command<Removed> = {
  summary: 'remove a name, and with --purge what it points to',
  description: `Removes the name. Its history and the entry stay: \`shardex show NAME --at REVISION\` still finds them. With --purge the
labels of the name, the entry and its shards go too, unless another name or label points to the entry; that cannot be undone.
Shards that are stored under their digest may be shared: they are left to \`shardex gc\`.
Pasts do not count: \`shardex show OTHER --at REVISION\` no longer finds an entry that OTHER has left behind.`,
  positionals: ['<name|cid>'],
  options: {
    purge: { type: 'boolean', help: 'also delete the entry and its shards' },
    yes: { type: 'boolean', short: 'y', help: 'do not ask' },
    'if-revision': { type: 'string', value: 'N', help: 'only if the name stands at revision N' },
  },
  examples: [
    ['shardex rm photos', 'the name; what it pointed to can be had back'],
    ['shardex rm photos --purge --yes', 'name, entry and shards, for a script'],
  ],
  async run(args, context) {
    const { index, signal, config } = context
    const target = args.positionals[0] as string
    const purge = args.flag('purge')
    if (isCid(target) && !purge) throw usageError('<name|cid>', 'a CID', 'a name; or --purge, which deletes the entry')
    const before = purge ? await findRemoved(target, context) : undefined
    const entry = before ?? (await findEntry(target, context))
    const name = isCid(target) ? undefined : target
    if (name !== undefined && entry.revision === undefined) {
      throw usageError('<name|cid>', target, 'a name', '`shardex label NAME VERSION --delete` takes a label away')
    }
    if (purge) {
      assertOurs(entry, config)
      await assertMeant(entry, target, args.flag('yes'), context)
    }
    if (name !== undefined && before === undefined)
      await index.deleteName(name, { ifRevision: args.integer('if-revision', 1) ?? entry.revision, signal })
    const removed = { name, revision: entry.revision, cid: entry.cid }
    if (!purge) return { ...removed, purged: false, shardsDeleted: 0, shardsLeft: 0, keptFor: [] }
    return { ...removed, ...(await purgeEntry(entry, name, context)) }
  },
  human({ name, revision, cid, purged, shardsDeleted, shardsLeft, keptFor }) {
    const what = printable(name ?? cid)
    if (purged && shardsLeft > 0)
      return `${what} is gone; of its shards, ${formatCount(shardsLeft)} may be shared: \`shardex gc\` deletes what nothing needs`
    if (purged) return `${what} is gone, with ${counted(formatCount(shardsDeleted), 'shard')}`
    if (keptFor.length > 0) return `${what} is gone; its entry ${cid} is kept for ${printable(keptFor.join(', '))}`
    return `${what} is gone; its entry stays. To look at it: shardex show ${what} --at ${revision}\nTo get it back: shardex label ${what} --cid ${cid}\nTo delete it for ever: shardex rm ${what} --purge`
  },
}

/** What a name pointed to that was removed before: who wants it purged, too, should not need to know its CID. */
async function findRemoved(name: string, { index, signal }: Context): Promise<Entry | undefined> {
  const [last, end] = (await collect(index.history(name, { signal }))).slice(-2)
  if (end?.operation !== 'delete' || end.renamedTo !== undefined || last?.cid === undefined) return undefined
  const entry = await index.getEntry(last.cid, { signal })
  return entry && { ...entry, revision: last.revision }
}

/** Entries may point anywhere, also to files that were here before us. Only what lies in the store of this command is deleted. */
function assertOurs({ cid, shards, dataUrls }: Entry, { store }: Config): void {
  const root =
    store.kind === 's3' ? `s3://${[store.bucket, store.prefix].filter((part) => part !== '').join('/')}/` : store.root + sep
  const strange = shards === undefined ? dataUrls[0] : shards.find(({ url }) => !isBelow(url, root, store.kind))?.url
  if (strange === undefined) return
  const message = `will not delete ${strange} of entry ${cid}: it was not written to ${root} by shardex. Leave --purge out, or name its store with --root or --s3`
  throw new ShardexError('path.outside_root', { path: strange, root }, { message })
}

function isBelow(url: string, root: string, kind: 's3' | 'disk'): boolean {
  return kind === 's3' ? url.startsWith(root) : isAbsolute(url) && resolve(url).startsWith(root)
}

async function assertMeant(
  { sampleCount = 0, sizeBytes = 0 }: Entry,
  target: string,
  yes: boolean,
  { confirm }: Context,
): Promise<void> {
  if (yes) return
  const amount = `${formatCount(sampleCount)} samples, ${formatBytes(sizeBytes)}`
  const answer = await confirm(`Delete ${printable(target)} for ever (${amount})?`)
  if (answer === undefined) throw usageError('--purge', 'nobody to ask', '--yes beside it')
  if (!answer) throw new DOMException('not confirmed; nothing was removed', 'AbortError')
}

/** The registry first: an entry without shards would be broken, shards without entry are only in the way. */
async function purgeEntry(
  entry: Entry,
  name: string | undefined,
  context: Context,
): Promise<Omit<Removed, 'name' | 'revision' | 'cid'>> {
  const { index, signal } = context
  const keptFor = await index.namesOf(entry.cid, { signal })
  if (keptFor.length > 0) return { purged: false, shardsDeleted: 0, shardsLeft: 0, keptFor }
  if (name !== undefined) await deleteLabels(name, entry.cid, context)
  try {
    await index.deleteEntry(entry.cid, { signal })
  } catch (error) {
    if (isShardexError(error, 'entry.in_use'))
      return { purged: false, shardsDeleted: 0, shardsLeft: 0, keptFor: error.details.names }
    throw error
  }
  return { purged: true, ...(await deleteShards(entry, context)), keptFor: [] }
}

async function deleteLabels(name: string, cid: string, { index, signal }: Context): Promise<void> {
  const labels = await collect(index.listLabels(name, { signal }))
  for (const { version } of labels.filter((label) => label.cid === cid && label.version !== '')) {
    await index.deleteLabel(name, version, { signal })
  }
}

/** Only what cannot belong to another entry, too. */
async function deleteShards(
  { name, shards = [] }: Entry,
  { repo, signal, progress }: Context,
): Promise<Pick<Removed, 'shardsDeleted' | 'shardsLeft'>> {
  const own = shards.filter(({ url }) => contentFolderOf(url) === undefined)
  using deleting = progress({ label: `deleting ${name}`, unit: 'shards', total: own.length })
  for (const [done, { url }] of own.entries()) {
    for (const object of [url, url + INDEX_SUFFIX]) {
      const { store, key } = await repo.store.storage.locate(object)
      await store.delete(key, { signal })
    }
    deleting.update(done + 1)
  }
  return { shardsDeleted: own.length, shardsLeft: shards.length - own.length }
}
