import { FATES } from '@shardex/errors'
import type { HistoryReport, NameRevision } from '@shardex/index'
import { collect } from '../collect.ts'
import type { Command } from '../command.ts'
import { nameNotFound } from '../not-found.ts'
import { printable } from '../output/printable.ts'
import { formatTable } from '../output/table.ts'
import { formatCount, formatRelative } from '../output/units.ts'
import { counted } from '../print-facts.ts'

const SHOWN_PROBLEMS = 20
const DAMAGED = FATES['index.corrupt'].exit

export const history: Command<readonly NameRevision[] | HistoryReport> = {
  summary: 'where a name pointed, from the oldest step',
  description: `Lists every step in the life of a name. A removed name keeps its history; \`shardex show NAME --at REVISION\` goes back.
With --verify it checks that no step was changed, removed or added since, says what is wrong, and exits with ${DAMAGED} if anything is. Keep the
CID that it prints outside the registry: --expect then also finds out that the whole history was written anew.`,
  positionals: ['<name>'],
  options: {
    verify: { type: 'boolean', help: 'check the chain of records' },
    expect: {
      type: 'string',
      value: 'CID',
      help: 'a record noted earlier, which must be there still (with --verify or without)',
    },
  },
  examples: [
    ['shardex history photos', 'every revision of a name'],
    ['shardex history photos --verify', 'whether that is what happened'],
    ['shardex history photos --expect bafyrei…', 'and whether it goes on from what was noted then'],
  ],
  async run(args, { index, signal }) {
    const [name = ''] = args.positionals
    const expected = args.text('expect')
    if (args.flag('verify') || expected !== undefined) {
      const report = await index.verifyHistory(name, { expect: expected, signal })
      if (report.ok && report.revisions === 0) throw await nameNotFound(name, { index, signal })
      return report
    }
    const steps = await collect(index.history(name, { signal }))
    if (steps.length === 0) throw await nameNotFound(name, { index, signal })
    return steps
  },
  human: (value, { columns, nowMs }) =>
    'ok' in value
      ? verdict(value)
      : formatTable(
          [{ title: 'REV', align: 'right' }, { title: 'STEP', flexible: true }, { title: 'CID' }, { title: 'WHEN' }],
          value.map((step) => [String(step.revision), described(step), step.cid ?? '', formatRelative(step.atMs, nowMs)]),
          columns,
        ),
  exit: (value) => ('ok' in value && !value.ok ? DAMAGED : 0),
}

function described({ operation, renamedFrom, renamedTo }: NameRevision): string {
  if (renamedTo !== undefined) return `renamed to ${renamedTo}`
  if (renamedFrom !== undefined) return `renamed from ${renamedFrom}`
  return operation === 'delete' ? 'removed' : operation
}

function verdict({ ok, revisions, headCid, problems }: HistoryReport): string {
  if (ok) return `ok: ${counted(formatCount(revisions), 'step')}, up to record ${headCid}`
  const more = problems.length - SHOWN_PROBLEMS
  return [
    ...problems.slice(0, SHOWN_PROBLEMS).map(({ message }) => printable(message)),
    ...(more > 0 ? [`… and ${formatCount(more)} more: --json shows them`] : []),
    `DAMAGED: ${counted(formatCount(problems.length), 'problem')}`,
  ].join('\n')
}
