import { isShardexError } from '@shardex/errors'
import type { Entry, Label, Metadata, ShardDescription } from '@shardex/index'
import { describeFields } from '@shardex/schema'
import { collect } from '../collect.ts'
import type { Command } from '../command.ts'
import type { Context } from '../context.ts'
import { findEntry, parseMoment } from '../find-entry.ts'
import { formatTable } from '../output/table.ts'
import { formatBytes, formatCount, formatRelative } from '../output/units.ts'
import { counted, indented, printFacts } from '../print-facts.ts'
import { splitFolder } from '../split-folder.ts'
import { toJson } from '../to-json.ts'

interface Shown {
  readonly name: string
  readonly revision?: number | undefined
  readonly cid: string
  /** What the data is, wherever it lies. */
  readonly contentCid?: string | undefined
  readonly schemaRef: string
  /** `undefined` if the schema cannot be read here. */
  readonly fields?: readonly string[] | undefined
  readonly sampleCount?: number | undefined
  readonly sizeBytes?: number | undefined
  readonly createdAtMs?: number | undefined
  readonly metadata?: Metadata | undefined
  readonly names: readonly string[]
  readonly labels: readonly Label[]
  /** How many steps the name has behind it. */
  readonly historyLength: number
  readonly dataUrls: readonly string[]
  readonly shards?: readonly ShardDescription[] | undefined
}

const FEW_SHARDS = 5

export const show: Command<Shown & { readonly allShards: boolean }> = {
  summary: 'everything about one dataset',
  positionals: ['<name|name@version|cid>'],
  options: {
    at: { type: 'string', value: 'REVISION|TIME', help: 'as the name stood then: 3, or 2026-11-20T12:00Z' },
    shards: { type: 'boolean', help: `every shard, not only the first ${FEW_SHARDS}` },
  },
  examples: [
    ['shardex show photos', 'schema, shards, metadata, labels'],
    ['shardex show photos@1.0', 'what a label marks'],
    ['shardex show photos --at 2', 'what the name pointed to at revision 2'],
  ],
  async run(args, context) {
    const at = parseMoment(args.text('at'))
    const { index, signal } = context
    const entry = await findEntry(args.positionals[0] as string, context, at)
    const { name, revision, cid, contentCid, schemaRef, sampleCount, sizeBytes, createdAtMs, metadata, dataUrls, shards } = entry
    const fields = await fieldsOf(entry, context)
    const names = await index.namesOf(cid, { signal })
    const labels = await collect(index.listLabels(name, { signal }))
    return {
      name,
      revision,
      cid,
      contentCid,
      schemaRef,
      fields,
      sampleCount,
      sizeBytes,
      createdAtMs,
      metadata,
      names,
      labels: labels.filter(({ version }) => version !== ''),
      historyLength: await index.historyLength(name, { signal }),
      dataUrls,
      shards,
      allShards: args.flag('shards'),
    }
  },
  human(shown, { columns, nowMs }) {
    const {
      name,
      revision,
      cid,
      contentCid,
      createdAtMs,
      sampleCount,
      sizeBytes,
      shards,
      names,
      historyLength,
      fields,
      metadata = {},
    } = shown
    const others = names.filter((other) => other !== name)
    const facts = printFacts([
      ['name', revision === undefined ? name : `${name}, revision ${revision}`],
      ['also', others.length === 0 ? undefined : others.join(', ')],
      ['cid', cid],
      ['content', contentCid],
      [
        'created',
        createdAtMs === undefined ? undefined : `${new Date(createdAtMs).toISOString()} (${formatRelative(createdAtMs, nowMs)})`,
      ],
      ['samples', sampleCount === undefined ? 'not known before they are read' : formatCount(sampleCount)],
      [
        'size',
        sizeBytes === undefined
          ? undefined
          : `${formatBytes(sizeBytes)} in ${counted(formatCount(shards?.length ?? 0), 'shard')}`,
      ],
      ['history', counted(formatCount(historyLength), 'step')],
      ['labels', shown.labels.length === 0 ? undefined : shown.labels.map((label) => marked(label, cid)).join(', ')],
      ['schema', shown.schemaRef],
    ])
    const metadataLines = Object.entries(metadata).map(
      ([key, value]) => `${key}: ${typeof value === 'string' ? value : toJson(value)}`,
    )
    return [
      facts,
      indented(fields ?? ['not readable in this registry']),
      ...(metadataLines.length === 0 ? [] : ['metadata', indented(metadataLines)]),
      '',
      printShards(shown, columns),
    ].join('\n')
  },
  json: ({ allShards: _view, ...shown }) => shown,
}

/** Entries of other programs may name schemas that were never published. */
async function fieldsOf({ schemaRef }: Entry, { index, signal }: Context): Promise<string[] | undefined> {
  try {
    return describeFields(await index.decodeSchema(schemaRef, { signal }))
  } catch (error) {
    if (isShardexError(error, 'schema.not_found', 'ref.invalid', 'schema.invalid', 'index.corrupt')) return undefined
    throw error
  }
}

function marked({ version, cid, description }: Label, shownCid: string): string {
  return `${version}${cid === shownCid ? '' : ' (another entry)'}${description === undefined ? '' : `: ${description}`}`
}

function printShards({ shards, dataUrls, allShards }: Shown & { allShards: boolean }, columns: number | undefined): string {
  const { folder, names } = splitFolder(shards?.map(({ url }) => url) ?? dataUrls)
  const shown = allShards ? names : names.slice(0, FEW_SHARDS)
  const title = folder === '' ? 'SHARD' : `SHARD in ${folder}`
  const table =
    shards === undefined
      ? formatTable(
          [{ title }],
          shown.map((name) => [name]),
          columns,
        )
      : formatTable(
          [
            { title, flexible: true },
            { title: 'SAMPLES', align: 'right' },
            { title: 'SIZE', align: 'right' },
            { title: 'SHA-256' },
          ],
          shards
            .slice(0, shown.length)
            .map(({ sampleCount, sizeBytes, sha256 }, place) => [
              shown[place] as string,
              formatCount(sampleCount),
              formatBytes(sizeBytes),
              columns === undefined ? sha256 : `${sha256.slice(0, 16)}…`,
            ]),
          columns,
        )
  const more = names.length - shown.length
  return more > 0 ? `${table}\n… and ${formatCount(more)} more: --shards shows them` : table
}
