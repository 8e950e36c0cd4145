import type { AtmosphereEntry } from '@shardex/atproto-bridge'
import { isShardexError } from '@shardex/errors'
import type { Entry, Label, Metadata, ShardDescription } from '@shardex/index'
import { describeFields } from '@shardex/schema'
import { collect } from '../collect.ts'
import type { Command } from '../command.ts'
import type { Context } from '../context.ts'
import { type FoundDataset, findDataset } from '../find-dataset.ts'
import { parseMoment } from '../find-entry.ts'
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
  readonly historyLength?: number | undefined
  /** Of what an account has published. */
  readonly published?: Published | undefined
  readonly dataUrls: readonly string[]
  readonly shards?: readonly ShardDescription[] | undefined
}

interface Published {
  readonly uri: string
  readonly recordCid: string
  readonly did: string
  readonly storage: string
  readonly description?: string | undefined
  readonly tags: readonly string[]
  readonly license?: string | undefined
  /** As the account says it. */
  readonly size?: Readonly<Record<string, number>> | undefined
}

const FEW_SHARDS = 5

export const show: Command<Shown & { readonly allShards: boolean }> = {
  summary: 'everything about one dataset',
  positionals: ['<name|name@version|cid|at://…>'],
  options: {
    at: { type: 'string', value: 'REVISION|TIME', help: 'as the name stood then: 3, or 2026-11-20T12:00Z' },
    shards: { type: 'boolean', help: `every shard, not only the first ${FEW_SHARDS}` },
  },
  examples: [
    ['shardex show photos', 'schema, shards, metadata, labels'],
    ['shardex show photos@1.0', 'what a label marks'],
    ['shardex show photos --at 2', 'what the name pointed to at revision 2'],
    ['shardex show @alice.example.com/photos', 'what somebody has published'],
  ],
  async run(args, context) {
    const at = parseMoment(args.text('at'))
    const found = await findDataset(args.positionals[0] as string, context, at)
    const { entry, published } = found
    const { name, revision, cid, contentCid, schemaRef, sampleCount, sizeBytes, createdAtMs, metadata, dataUrls, shards } = entry
    const fields = await fieldsOf(found)
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
      ...(published === undefined ? await registered(entry, context) : { names: [], labels: [], published: factsOf(published) }),
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
      published,
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
      ['uri', published?.uri],
      ['description', published?.description],
      ['license', published?.license],
      ['tags', published === undefined || published.tags.length === 0 ? undefined : published.tags.join(', ')],
      ['samples', sampleCount === undefined ? unknownCount(published) : formatCount(sampleCount)],
      [
        'size',
        sizeBytes === undefined
          ? undefined
          : `${formatBytes(sizeBytes)} in ${counted(formatCount(shards?.length ?? 0), 'shard')}`,
      ],
      ['history', historyLength === undefined ? undefined : counted(formatCount(historyLength), 'step')],
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

async function registered(
  { cid, name }: Entry,
  { index, signal }: Context,
): Promise<Pick<Shown, 'names' | 'labels' | 'historyLength'>> {
  const names = await index.namesOf(cid, { signal })
  const labels = await collect(index.listLabels(name, { signal }))
  return {
    names,
    labels: labels.filter(({ version }) => version !== ''),
    historyLength: await index.historyLength(name, { signal }),
  }
}

function factsOf({ uri, recordCid, did, storage, description, tags, license, size }: AtmosphereEntry): Published {
  return { uri, recordCid, did, storage: storage.kind, description, tags, license, size }
}

function unknownCount(published: Published | undefined): string {
  const { samples } = published?.size ?? {}
  return samples === undefined ? 'not known before they are read' : `${formatCount(samples)}, as its account says`
}

/** Entries of other programs may name schemas that were never published. */
async function fieldsOf({ type }: FoundDataset): Promise<string[] | undefined> {
  try {
    return describeFields(await type())
  } catch (error) {
    if (isShardexError(error, ...UNREADABLE)) return undefined
    throw error
  }
}

const UNREADABLE = ['schema.not_found', 'ref.invalid', 'schema.invalid', 'index.corrupt', 'record.invalid'] as const

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
