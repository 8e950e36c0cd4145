import { isShardexError } from '@shardex/errors'
import type { Entry } from '@shardex/index'
import { collect } from '../collect.ts'
import type { Command } from '../command.ts'
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
  /** Whether the entry is gone from the registry. */
  readonly purged: boolean
  /** How many shards the entry had, if it was purged: others may need them, so they are left to `shardex gc`. */
  readonly shardsLeft: number
  /** Why a purge left the entry: the names and labels that still point to it. */
  readonly keptFor: readonly string[]
}

export const rm: Command<Removed> = {
  summary: 'remove a name, and with --purge what it points to',
  description: `Removes the name. Its history and the entry stay: \`shardex show NAME --at REVISION\` still finds them. With --purge the
labels of the name and the entry go too, unless another name or label points to the entry; that cannot be undone. Its shards
stay where they are: \`shardex gc\` removes them when nothing else needs them. Those that no insert of this registry wrote stay.
Pasts do not count: \`shardex show OTHER --at REVISION\` no longer finds an entry that OTHER has left behind.`,
  positionals: ['<name|cid>'],
  options: {
    purge: { type: 'boolean', help: 'also delete the entry, and leave its shards to `shardex gc`' },
    yes: { type: 'boolean', short: 'y', help: 'do not ask' },
    'if-revision': { type: 'string', value: 'N', help: 'only if the name stands at revision N' },
  },
  examples: [
    ['shardex rm photos', 'the name; what it pointed to can be had back'],
    ['shardex rm photos --purge --yes', 'name and entry, for a script; `shardex gc` takes the shards'],
  ],
  async run(args, context) {
    const { index, signal } = context
    const target = args.positionals[0] as string
    const purge = args.flag('purge')
    if (isCid(target) && !purge) throw usageError('<name|cid>', 'a CID', 'a name; or --purge, which deletes the entry')
    const before = purge ? await findRemoved(target, context) : undefined
    const entry = before ?? (await findEntry(target, context))
    const name = isCid(target) ? undefined : target
    if (name !== undefined && entry.revision === undefined) {
      throw usageError('<name|cid>', target, 'a name', '`shardex label NAME VERSION --delete` takes a label away')
    }
    if (purge) await assertMeant(entry, target, args.flag('yes'), context)
    if (name !== undefined && before === undefined)
      await index.deleteName(name, { ifRevision: args.integer('if-revision', 1) ?? entry.revision, signal })
    const removed = { name, revision: entry.revision, cid: entry.cid }
    if (!purge) return { ...removed, purged: false, shardsLeft: 0, keptFor: [] }
    return { ...removed, ...(await purgeEntry(entry, name, context)) }
  },
  human({ name, revision, cid, purged, shardsLeft, keptFor }) {
    const what = printable(name ?? cid)
    if (purged)
      return `${what} is gone for ever. Left in the store: ${counted(formatCount(shardsLeft), 'shard')}\n\`shardex gc\` removes what inserts of this registry wrote, when nothing else needs it`
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

/** Its shards stay: only a collector knows what else needs them. */
async function purgeEntry(
  entry: Entry,
  name: string | undefined,
  context: Context,
): Promise<Omit<Removed, 'name' | 'revision' | 'cid'>> {
  const { index, signal } = context
  const keptFor = await index.namesOf(entry.cid, { signal })
  if (keptFor.length > 0) return { purged: false, shardsLeft: 0, keptFor }
  if (name !== undefined) await deleteLabels(name, entry.cid, context)
  try {
    await index.deleteEntry(entry.cid, { signal })
  } catch (error) {
    if (isShardexError(error, 'entry.in_use')) return { purged: false, shardsLeft: 0, keptFor: error.details.names }
    throw error
  }
  return { purged: true, shardsLeft: (entry.shards ?? entry.dataUrls).length, keptFor: [] }
}

async function deleteLabels(name: string, cid: string, { index, signal }: Context): Promise<void> {
  const labels = await collect(index.listLabels(name, { signal }))
  for (const { version } of labels.filter((label) => label.cid === cid && label.version !== '')) {
    await index.deleteLabel(name, version, { signal })
  }
}
