import { exportIndex as writeIndex } from '@shardex/index'
import type { Arguments } from '../arguments.ts'
import type { Command } from '../command.ts'
import type { Context } from '../context.ts'
import { copyShard } from '../export/copy-shard.ts'
import { openTarget, type Target } from '../export/open-target.ts'
import { servedUrl } from '../export/served-url.ts'
import { printable } from '../output/printable.ts'
import { usageError } from '../usage-error.ts'

interface Written {
  readonly target: string
  readonly names: readonly string[]
  readonly entries: number
  readonly schemas: number
  /** Shards that were copied; those that were there already are not counted. */
  readonly copied?: number | undefined
}

export const exportIndex: Command<Written> = {
  summary: 'write the registry as files that any web server can serve',
  description: `Writes names, their versioned labels, entries and schemas as small files to a directory or bucket. Browsers and programs read them from there with
\`new StaticIndex(URL)\`, without a registry. The history of names is not written.

Shards that lie on the web are linked. Others need --copy, which puts them beside the index, or --base-url, where a server has them. The same command again
brings the files up to date; with --name the other names that are there stay.`,
  positionals: ['<directory|s3://bucket/prefix>'],
  options: {
    name: { type: 'string', value: 'NAME', multiple: true, help: 'only this one; may be given several times' },
    copy: { type: 'boolean', help: 'copy the shards too, each under its digest' },
    'base-url': { type: 'string', value: 'URL', help: 'a server has the folder or bucket of the store at this address' },
  },
  examples: [
    ['shardex export-index public/index --copy', 'everything in one folder, for any web server'],
    ['shardex export-index s3://b/index --base-url https://b.example.org/sets/', 'beside shards that lie in a public bucket'],
    ['shardex export-index public/index --copy --name photos', 'one dataset more'],
  ],
  async run(args, context) {
    const [place = ''] = args.positionals
    const names = args.texts('name')
    await using target = await openTarget(place, context)
    using progress = context.progress({ label: 'export', unit: 'datasets', total: names.length || undefined })
    let done = 0
    let copied = 0
    const publicUrl = await publisher(args, context, target, () => {
      copied += 1
    })
    const written = await writeIndex(context.index, target.store, {
      names: names.length === 0 ? undefined : names,
      publicUrl,
      signal: context.signal,
      onName: (name) => progress.update(done++, { text: name }),
    })
    return { target: target.store.rootUrl, ...written, ...(args.flag('copy') && { copied }) }
  },
  human({ target, names, entries, schemas, copied }) {
    const shards = copied === undefined ? '' : `, ${copied} shards copied`
    return `${names.length} names, ${entries} entries, ${schemas} schemas${shards}: ${printable(target)}`
  },
}

type PublicUrl = NonNullable<NonNullable<Parameters<typeof writeIndex>[2]>['publicUrl']>

async function publisher(
  args: Arguments,
  context: Context,
  target: Target,
  onCopied: () => void,
): Promise<PublicUrl | undefined> {
  const base = args.text('base-url')
  if (args.flag('copy')) {
    if (base !== undefined) throw usageError('--base-url', '--copy too', 'one of them')
    const { storage } = context.repo.store
    return (url, shard) => copyShard(url, shard, { storage, target: target.store, signal: context.signal, onCopied })
  }
  if (base === undefined) return undefined
  if (!/^https?:\/\//.test(base)) throw usageError('--base-url', JSON.stringify(base), 'https://… or http://…')
  const { rootUrl } = await context.repo.store.objects()
  return (url, shard) => servedUrl(url, { rootUrl, base, isPattern: shard === undefined })
}
