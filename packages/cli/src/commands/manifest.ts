import type { ManifestFields, ManifestKind, ManifestsWritten } from '@shardex/repo'
import type { Command } from '../command.ts'
import { findEntry } from '../find-entry.ts'
import { formatCount } from '../output/units.ts'
import { counted } from '../print-facts.ts'
import { usageError } from '../usage-error.ts'

const KINDS: readonly ManifestKind[] = ['categorical', 'numeric', 'set']

export const manifest: Command<ManifestsWritten> = {
  summary: 'write what the shards hold beside them, for query',
  description: `Reads the samples of a dataset once and writes a manifest beside each shard that has none: by it \`shardex query\` finds samples without reading them.
Text, numbers, booleans and lists of them are known to it.`,
  positionals: ['<name|name@version|cid>'],
  options: {
    field: {
      type: 'string',
      value: 'FIELD=KIND',
      multiple: true,
      help: 'categorical, numeric or set; or no, to leave a field out',
    },
    rewrite: { type: 'boolean', help: 'also write manifests that are there' },
  },
  examples: [
    ['shardex manifest photos', 'before the first query'],
    ['shardex manifest photos --rewrite --field label=categorical --field caption=no', 'with other fields'],
  ],
  async run(args, context) {
    const fields = fieldsOf(args.texts('field'))
    const entry = await findEntry(args.positionals[0] as string, context)
    using writing = context.progress({ label: 'writing', unit: 'shards', total: entry.shards?.length })
    const written = await context.repo.writeManifests(entry, {
      fields,
      rewrite: args.flag('rewrite'),
      signal: context.signal,
      onProgress: ({ written: done, kept }) => writing.update(done + kept),
    })
    writing.finish()
    return written
  },
  human: ({ written, kept }) =>
    `${counted(formatCount(written), 'manifest')} written${kept === 0 ? '' : `, ${formatCount(kept)} were there (--rewrite writes them anew)`}`,
}

function fieldsOf(texts: readonly string[]): ManifestFields {
  return Object.fromEntries(
    texts.map((text) => {
      const [name = '', kind = ''] = text.split('=')
      const known = KINDS.find((each) => each === kind)
      if (name === '' || (known === undefined && kind !== 'no'))
        throw usageError('--field', JSON.stringify(text), `FIELD=${KINDS.join(', FIELD=')} or FIELD=no`)
      return [name, known ?? false]
    }),
  )
}
