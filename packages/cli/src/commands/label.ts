import { assertVersionFree } from '../assert-version-free.ts'
import type { Command } from '../command.ts'
import { findEntry, isCid } from '../find-entry.ts'
import { printable } from '../output/printable.ts'
import { usageError } from '../usage-error.ts'

interface Labelled {
  readonly name: string
  readonly version: string
  /** `undefined` after `--delete`. */
  readonly cid?: string | undefined
}

export const label: Command<Labelled> = {
  summary: 'mark an entry with a version of a name',
  description: `Marks what a name points to now (or the entry of --cid), so that NAME@VERSION finds it wherever the name moves.
Without version, and with --cid, it moves the name itself: back to an older entry, for instance.`,
  positionals: ['<name>', '[version]'],
  options: {
    cid: { type: 'string', value: 'CID', help: 'this entry, instead of the one the name points to' },
    description: { type: 'string', value: 'TEXT', help: 'what is special about it' },
    'move-version': { type: 'boolean', help: 'take the version away from the entry that has it' },
    delete: { type: 'boolean', help: 'take the mark away' },
  },
  examples: [
    ['shardex label photos 1.0', 'mark what "photos" is today'],
    ['shardex show photos@1.0', 'and find it again'],
    ['shardex label photos --cid bafyrei…', 'point the name to an entry that `shardex history photos` shows'],
  ],
  async run(args, context) {
    const { index, signal } = context
    const [name = '', version = ''] = args.positionals
    const given = args.text('cid')
    if (version === '' && (given === undefined || args.flag('delete')))
      throw usageError('[version]', 'none', 'a version, or --cid to move the name')
    if (args.flag('delete')) {
      await index.deleteLabel(name, version, { signal })
      return { name, version }
    }
    if (given !== undefined && !isCid(given)) throw usageError('--cid', JSON.stringify(given), 'the CID of an entry: bafyrei…')
    const { cid } = await findEntry(given ?? name, context)
    if (version !== '' && !args.flag('move-version')) await assertVersionFree(name, version, context, cid)
    await index.setLabel(name, cid, { version, description: args.text('description'), signal })
    return { name, version, cid }
  },
  human: ({ name, version, cid }) => {
    const mark = printable(version === '' ? name : `${name}@${version}`)
    return cid === undefined ? `${mark} is gone` : `${mark} is ${cid}`
  },
}
