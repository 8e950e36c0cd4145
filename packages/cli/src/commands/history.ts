import type { NameRevision } from '@shardex/index'
import { collect } from '../collect.ts'
import type { Command } from '../command.ts'
import { nameNotFound } from '../find-entry.ts'
import { formatTable } from '../output/table.ts'
import { formatRelative } from '../output/units.ts'

export const history: Command<readonly NameRevision[]> = {
  summary: 'where a name pointed, from the oldest step',
  description:
    'Lists every step in the life of a name. A removed name keeps its history; `shardex show NAME --at REVISION` goes back.',
  positionals: ['<name>'],
  options: {},
  examples: [['shardex history photos', 'every revision of a name']],
  async run({ positionals: [name = ''] }, { index, signal }) {
    const steps = await collect(index.history(name, { signal }))
    if (steps.length === 0) throw await nameNotFound(name, { index, signal })
    return steps
  },
  human: (steps, { columns, nowMs }) =>
    formatTable(
      [{ title: 'REV', align: 'right' }, { title: 'STEP', flexible: true }, { title: 'CID' }, { title: 'WHEN' }],
      steps.map((step) => [String(step.revision), described(step), step.cid ?? '', formatRelative(step.atMs, nowMs)]),
      columns,
    ),
}

function described({ operation, renamedFrom, renamedTo }: NameRevision): string {
  if (renamedTo !== undefined) return `renamed to ${renamedTo}`
  if (renamedFrom !== undefined) return `renamed from ${renamedFrom}`
  return operation === 'delete' ? 'removed' : operation
}
