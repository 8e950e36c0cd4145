import type { NamePointer } from '@shardex/index'
import { collect } from '../collect.ts'
import type { Command } from '../command.ts'
import { printable } from '../output/printable.ts'

interface Renamed extends NamePointer {
  readonly renamedFrom: string
}

export const rename: Command<Renamed> = {
  summary: 'give a dataset another name',
  description:
    'Points the new name, which must not exist, to where the old one points, and ends the old one. History and labels stay with it.',
  positionals: ['<from>', '<to>'],
  options: { 'if-revision': { type: 'string', value: 'N', help: 'only if the old name stands at revision N' } },
  examples: [['shardex rename photos holiday-photos', 'no byte is copied']],
  async run(args, { index, signal, note }) {
    const [from = '', to = ''] = args.positionals
    const pointer = await index.rename(from, to, { ifRevision: args.integer('if-revision', 1), signal })
    const labels = await collect(index.listLabels(from, { signal }))
    const versions = labels.filter(({ version }) => version !== '')
    if (versions[0] !== undefined)
      note(
        `its versions stay under the old name: ${printable(`${from}@${versions[0].version}`)}${versions.length > 1 ? ', …' : ''}`,
      )
    return { ...pointer, renamedFrom: from }
  },
  human: ({ name, revision, renamedFrom }) => printable(`${renamedFrom} is now ${name}, revision ${revision}`),
}
