import { basename, join, relative, resolve, sep } from 'node:path'
import { ShardexError } from '@shardex/errors'
import { formatCount } from '../../output/units.ts'
import { type FileFormat, formatOfName } from '../detect-format.ts'
import type { Column } from '../inference/column.ts'
import { sampleTypeOf } from '../inference/sample-type.ts'
import { keyOfPath } from '../sample-key.ts'
import { schemaNameOf } from '../schema-name.ts'
import type { SampleSource, SourceOptions, SourceSample } from '../source.ts'
import { fieldsOf, openTypedRows } from '../typed-rows.ts'
import { assertUniqueKeys } from './assert-unique-keys.ts'
import { columnsFromFolders, columnsFromTable, type LabelColumns } from './label-columns.ts'
import { findLabels, type Labels, readLabels } from './labels.ts'
import { listFiles } from './list-files.ts'
import { checkMedium, isMedium, type Medium, mediumOf } from './media.ts'
import { openGroups } from './open-groups.ts'
import { openParts } from './open-parts.ts'
import { readWhole } from './read-whole.ts'

/**
 * A folder as one sample per file: its bytes as `image`, `audio` or `file`, and its labels, from a table that names the files or else from
 * the names of the folders they lie in. Files that share a name (`1.jpg`, `1.txt`) are one sample together. Files are read one at a time. A folder that holds nothing but the parts of a table (`*.parquet`,
 * `*.tar`, …) is that table.
 */
export async function openFolder(path: string, options: SourceOptions): Promise<SampleSource> {
  const root = resolve(path)
  const { files: listed, skipped } = await listFiles(root, options.signal)
  const parts = partsFormat(listed)
  if (parts !== undefined && options.labels === undefined)
    return await openTypedRows(await openParts(root, listed, parts), options)

  const candidates = listed.filter((file) => file !== within(root, options.labels))
  const medium = mediumOf(candidates)
  const media = candidates.filter((file) => isMedium(file, medium))
  if (media.length === 0) throw emptyFolder(root, skipped)
  const table = await findTable(root, listed, media, options)
  const groups = table === undefined ? await openGroups(root, { files: listed, skipped }) : undefined
  if (groups !== undefined) return await openTypedRows(groups, options)
  const files = media.filter((file) => file !== within(root, table?.path))
  await checkMedium(root, files, medium)

  const labels = table
    ? columnsFromTable(table, medium, files.length, options.keepUnlabelled === true)
    : columnsFromFolders(files)
  const kept = files
    .map((file, position) => ({ file, position, key: keyOfPath(file) }))
    .filter(({ position }) => labels.rowOf(position) !== undefined)
  assertUniqueKeys(root, kept)
  const items = kept.slice(0, options.limit)
  const left = new Map(skipped)
  if (candidates.length > media.length) left.set(`files that are no ${plural(medium)}`, candidates.length - media.length)
  return {
    type: sampleTypeOf(options.schemaName ?? schemaNameOf(root), [mediumColumn(medium), ...labels.columns]),
    sampleCount: items.length,
    describe: `${formatCount(items.length)} ${plural(medium)} in ${basename(root)}${labels.origin}`,
    notices: [
      ...[...left].map(([reason, count]) => `${reason}: ${formatCount(count)} skipped`),
      ...rewrittenKeys(items),
      ...labels.notices,
    ],
    samples: { [Symbol.asyncIterator]: () => readSamples(root, items, medium, labels, options.signal) },
    // Files are open only while they are read.
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}

const MAX_TABLES = 16

interface Item {
  readonly file: string
  readonly position: number
  readonly key: string
}

async function* readSamples(
  root: string,
  items: readonly Item[],
  medium: Medium,
  labels: LabelColumns,
  signal: AbortSignal | undefined,
): AsyncGenerator<SourceSample> {
  for (const { file, position, key } of items) {
    const bytes = await readWhole(join(root, file), signal)
    yield { __key__: key, [medium]: bytes, ...fieldsOf(root, labels.rowOf(position) ?? {}, labels.columns, file) }
  }
}

/** The table with the labels: the one that was named, or one that lies in the folder or beside it under its name. */
async function findTable(
  root: string,
  listed: readonly string[],
  media: readonly string[],
  options: SourceOptions,
): Promise<Labels | undefined> {
  if (options.labels !== undefined) return await readLabels(options.labels, media, options.signal)
  const inside = listed.filter((file) => !file.includes('/') && isTable(file))
  // Every one of them is read with all names in mind; so many are samples, and no tables.
  for (const file of inside.length > MAX_TABLES ? [] : inside) {
    const labels = await findLabels(
      join(root, file),
      media.filter((other) => other !== file),
      options.signal,
    )
    if (labels !== undefined) return labels
  }
  for (const extension of ['csv', 'tsv', 'jsonl', 'json']) {
    const labels = await findLabels(`${root}.${extension}`, media, options.signal)
    if (labels !== undefined) return labels
  }
  return undefined
}

function isTable(file: string): boolean {
  const format = formatOfName(file)
  return format !== undefined && format !== 'tar' && format !== 'parquet'
}

/** The format that all files of a folder share, if it is one whose files can be parts of one table. */
function partsFormat(files: readonly string[]): FileFormat | undefined {
  const formats = new Set(files.map(formatOfName))
  const [format] = formats
  // Many JSON files are many samples; one array in each would be unusual.
  return formats.size === 1 && format !== 'json' ? format : undefined
}

function mediumColumn(medium: Medium): Column {
  return { column: medium, field: medium, kind: { item: 'bytes', array: false }, optional: false }
}

function plural(medium: Medium): string {
  return { image: 'images', audio: 'audio files', file: 'files' }[medium]
}

/** The path below `root` of a file that lies in it. */
function within(root: string, path: string | undefined): string | undefined {
  return path === undefined ? undefined : relative(root, resolve(path)).split(sep).join('/')
}

/** Keys are how samples are found again: who looks for the name of a file should know what became of it. */
function rewrittenKeys(items: readonly Item[]): string[] {
  const rewritten = items.filter(({ file, key }) => !file.startsWith(key))
  const [first] = rewritten
  if (first === undefined) return []
  return [
    `keys that differ from the file name: ${formatCount(rewritten.length)}, as ${first.key} for ${JSON.stringify(first.file)}`,
  ]
}

function emptyFolder(root: string, skipped: ReadonlyMap<string, number>): Error {
  const left = [...skipped].map(([reason, count]) => `${formatCount(count)} ${reason}`).join(', ')
  const message = `${root} holds no files${left === '' ? '' : ` but ${left}, which are left out`}; a dataset needs at least one sample`
  return new ShardexError('dataset.empty', { dataset: root }, { message })
}
