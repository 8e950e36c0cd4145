import type { Command } from '../command.ts'
import { printable } from '../output/printable.ts'
import { formatCount } from '../output/units.ts'
import { counted } from '../print-facts.ts'

interface Unpublished {
  readonly name: string
  readonly did: string
  readonly handle: string
  /** The URIs of the records that were deleted. */
  readonly deleted: readonly string[]
}

export const unpromote: Command<Unpublished> = {
  summary: 'take back what promote has published',
  description: `Deletes the labels of a name, the datasets that promote wrote under it with their blobs, and schemas that nothing of the account needs any more: up to 200 records in one commit,
more in several, labels first. With name@version only that label, and its dataset unless another label has it too. Records that other programs wrote stay, and so do copies in buckets.
What others have copied stays with them.`,
  positionals: ['<name|name@version>'],
  options: {
    from: { type: 'string', value: 'HANDLE', help: 'the account, logged in (default: the only one that is)' },
  },
  examples: [
    ['shardex unpromote emoji --from alice.example.com', 'all of it'],
    ['shardex unpromote photos@1.0 --from alice.example.com', 'one version'],
  ],
  async run(args, { sessions, signal }) {
    const target = args.positionals[0] as string
    const at = target.lastIndexOf('@')
    const [name, version] = at > 0 ? [target.slice(0, at), target.slice(at + 1)] : [target, undefined]
    const bridge = await import('@shardex/atproto-bridge')
    const { agent, did, handle } = await (await sessions()).open(args.text('from'))
    const { deleted } = await bridge.unpromote(agent, { name, version, signal })
    return { name, did, handle, deleted }
  },
  human({ name, handle, deleted }) {
    if (deleted.length === 0) return printable(`${handle} has nothing of ${name} that promote has written`)
    return [`deleted ${counted(formatCount(deleted.length), 'record')}`, ...deleted].map((line) => printable(line)).join('\n')
  },
}
