import { FATES } from '@shardex/errors'
import {
  collectGarbage,
  type GarbageFate,
  type GarbageObject,
  type GarbageProgress,
  type GarbageReport,
  type GarbageTotal,
  undoGarbage,
} from '@shardex/repo'
import type { Arguments } from '../arguments.ts'
import type { Command, View } from '../command.ts'
import type { Context } from '../context.ts'
import { printable } from '../output/printable.ts'
import { formatTable } from '../output/table.ts'
import { formatAge, formatBytes, formatCount, formatRelative } from '../output/units.ts'
import { parseDuration } from '../parse-duration.ts'
import { counted } from '../print-facts.ts'
import type { Progress } from '../progress.ts'
import { splitFolder } from '../split-folder.ts'
import { usageError } from '../usage-error.ts'

type Collected =
  | { readonly undone: number }
  | {
      readonly report: GarbageReport
      /** For a person the first few, for a program the first many. */
      readonly objects: readonly GarbageObject[]
    }

const SHOWN = 20
/** In JSON. All of them might not fit into memory, nor into one text. */
const MAX_OBJECTS = 10_000

export const gc: Command<Collected> = {
  summary: 'delete what inserts have left behind and nothing needs',
  description: `Finds the objects that inserts of this registry have written and that no entry and no insert in progress needs: of datasets that were
purged, of inserts that were interrupted. The first run marks them; a later run deletes those that are marked for longer than the
grace time and still needed by nobody. Anybody may read and insert meanwhile. What shardex did not write is never touched.
--json lists the first ${MAX_OBJECTS} objects and counts all. On Redis, --dry-run does not see what atdata wrote since the last real run.`,
  positionals: [],
  options: {
    'dry-run': { type: 'boolean', help: 'change nothing; show what would be done' },
    grace: { type: 'string', value: 'TIME', help: 'how long objects stay marked before they are deleted (default 24h)' },
    'keep-resumable': {
      type: 'string',
      value: 'TIME',
      help: 'how long an interrupted insert can be resumed; then it is given up (default 7d)',
    },
    undo: { type: 'boolean', help: 'take all marks away; what is still garbage gets its full grace time again' },
  },
  examples: [
    ['shardex gc --dry-run', 'what would be marked and deleted'],
    ['shardex gc', 'once a day, from cron: marks, and deletes what was marked the day before'],
    ['shardex gc --grace 0', 'delete all that is marked now; twice in a row, all that is garbage'],
    ['shardex gc --undo', 'stop what would be deleted'],
  ],
  async run(args, context) {
    const { index, repo, config, signal } = context
    if (args.flag('undo')) return { undone: await undo(args, context) }
    const objects: GarbageObject[] = []
    const most = args.flag('json') ? MAX_OBJECTS : SHOWN
    if (args.flag('dry-run') && config.registry.kind === 'redis')
      context.note(
        'what atdata wrote since the last real run was not looked at: a real run does that first, and keeps what it needs',
      )
    using steps = progressOf(context)
    const report = await collectGarbage({
      index,
      storage: repo.store.storage,
      graceMs: parseDuration('--grace', args.text('grace')),
      resumableMs: parseDuration('--keep-resumable', args.text('keep-resumable')),
      dryRun: args.flag('dry-run'),
      signal,
      onObject(object) {
        if (objects.length < most) objects.push(object)
      },
      onProgress: steps.show,
    })
    return { report, objects }
  },
  human(collected, view) {
    if ('undone' in collected)
      return collected.undone === 0 ? 'nothing was marked' : `${counted(formatCount(collected.undone), 'mark')} taken away`
    return printReport(collected.report, collected.objects, view)
  },
  json(collected) {
    if ('undone' in collected) return collected
    const { report, objects } = collected
    const problems = report.problems.map(({ url, error: { code, message, details } }) => ({ url, code, message, details }))
    return { ...report, problems, objects }
  },
  exit(collected) {
    const [first] = 'report' in collected ? collected.report.problems : []
    return first === undefined ? 0 : FATES[first.error.code].exit
  },
}

function undo(args: Arguments, { index, signal }: Context): Promise<number> {
  for (const other of ['dry-run', 'grace', 'keep-resumable'])
    if (args.flag(other)) throw usageError('--undo', `--${other} too`, 'one of the two')
  return undoGarbage(index, { signal })
}

const PHASES: Readonly<Record<GarbageProgress['phase'], { label: string; unit: string }>> = {
  listing: { label: 'listing', unit: 'objects' },
  tracing: { label: 'looking for needs', unit: 'entries' },
  deleting: { label: 'deleting', unit: 'objects' },
  marking: { label: 'marking', unit: 'objects' },
}

/** A line for each phase, in the place of the one before. */
function progressOf({ progress }: Context): Disposable & { show(step: GarbageProgress): void } {
  let phase: string | undefined
  let line: Progress | undefined
  return {
    show(step) {
      if (step.phase !== phase) {
        line?.[Symbol.dispose]()
        line = progress(PHASES[step.phase])
        phase = step.phase
      }
      line?.update(step.done)
    },
    [Symbol.dispose]: () => line?.[Symbol.dispose](),
  }
}

function printReport(report: GarbageReport, objects: readonly GarbageObject[], view: View): string {
  const more = total(report) - objects.length
  return [
    ...(objects.length > 0 ? [printObjects(objects, report.dryRun, view)] : []),
    ...(more > 0 ? [`… and ${formatCount(more)} more: --json shows the first ${formatCount(MAX_OBJECTS)}`] : []),
    ...summary(report, view.nowMs),
    ...report.problems.slice(0, SHOWN).map(({ error }) => printable(error.message)),
    ...(report.problemCount > 0 ? [`${counted(formatCount(report.problemCount), 'problem')}; all the rest was done`] : []),
  ].join('\n')
}

function printObjects(objects: readonly GarbageObject[], dryRun: boolean, { columns, nowMs }: View): string {
  const { folder, names } = splitFolder(objects.map(({ url }) => url))
  return formatTable(
    [
      { title: folder === '' ? 'OBJECT' : `OBJECT in ${folder}`, flexible: true, precious: true },
      { title: 'SIZE', align: 'right' },
      { title: 'OF', flexible: true },
      { title: 'MARKED' },
      { title: dryRun ? 'WOULD BE' : 'NOW' },
    ],
    objects.map(({ sizeBytes, name, markedAtMs, fate, dueAtMs }, place) => [
      names[place] as string,
      formatBytes(sizeBytes),
      name ?? 'shared',
      markedAtMs === undefined ? '' : formatAge(markedAtMs, nowMs),
      fate === 'waiting' && dueAtMs !== undefined ? `goes ${formatRelative(dueAtMs, nowMs)}` : fate,
    ]),
    columns,
  )
}

function summary(report: GarbageReport, nowMs: number): string[] {
  const { dryRun, seen, marked, waiting, deleted, rescued, nextDueAtMs, givenUp, forgotten, swept } = report
  const would = dryRun ? 'would be ' : ''
  const lines = [
    deleted.objects > 0 && `${would}deleted: ${amount(deleted)}`,
    marked.objects > 0 && `${would}marked: ${amount(marked)}; a later run deletes them, unless \`shardex gc --undo\` comes first`,
    waiting.objects > 0 && `waiting: ${amount(waiting)}; the first can go ${formatRelative(nextDueAtMs ?? nowMs, nowMs)}`,
    rescued.objects > 0 && `needed again, ${would}unmarked: ${amount(rescued)}`,
    givenUp > 0 && `interrupted inserts ${would}given up: ${formatCount(givenUp)}`,
    forgotten > 0 && `journals of old inserts ${would}removed: ${formatCount(forgotten)}`,
    swept > 0 && `unfinished uploads removed: ${formatCount(swept)}`,
  ].filter((line) => line !== false)
  if (lines.length > 0) return lines
  return [`no garbage${seen.objects > 0 ? ` among ${amount(seen)}` : ''}`]
}

function total(report: GarbageReport): number {
  const fates: readonly GarbageFate[] = ['marked', 'waiting', 'deleted', 'rescued']
  return fates.reduce((sum, fate) => sum + report[fate].objects, 0)
}

function amount({ objects, bytes }: GarbageTotal): string {
  return `${counted(formatCount(objects), 'object')}, ${formatBytes(bytes)}`
}
