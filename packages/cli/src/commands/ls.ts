import type { Entry, NamePointer } from '@shardex/index'
import type { Command } from '../command.ts'
import type { Context } from '../context.ts'
import { printable } from '../output/printable.ts'
import { formatTable } from '../output/table.ts'
import { formatAge, formatBytes, formatCount, shortCid } from '../output/units.ts'

/** One line of the list. What is not known of an entry is left out. */
interface Listed {
  readonly name: string
  /** Of what an account has published. */
  readonly uri?: string | undefined
  readonly revision?: number | undefined
  readonly cid: string
  readonly schemaRef?: string | undefined
  readonly sampleCount?: number | undefined
  readonly sizeBytes?: number | undefined
  readonly shardCount?: number | undefined
  /** Since when the name points there, or the entry is known. */
  readonly atMs?: number | undefined
}

interface Listing {
  readonly rows: readonly Listed[]
  readonly all: boolean
  readonly prefix: string
  /** Whose datasets they are, if they are not of the registry. */
  readonly account?: string | undefined
}

const DEFAULT_LIMIT = 1000
const PAGE = 1000

export const ls: Command<Listing> = {
  summary: 'list datasets',
  positionals: ['[prefix|@handle|did]'],
  options: {
    all: {
      type: 'boolean',
      help: 'every entry, also those that no name points to any more; a prefix then saves lines, not time: all are looked at',
    },
    limit: {
      type: 'string',
      short: 'n',
      value: 'N',
      help: `at most N lines (default ${formatCount(DEFAULT_LIMIT)}, with --json all)`,
    },
  },
  examples: [
    ['shardex ls', 'every dataset'],
    ['shardex ls train', 'those whose name starts with "train"'],
    ['shardex ls --json', 'all of them, for a program'],
    ['shardex ls @alice.example.com', 'what somebody has published'],
  ],
  async run(args, context) {
    // A program gets everything it asked for; a person is told where to go on.
    const limit = args.integer('limit', 1) ?? (args.flag('json') ? Number.POSITIVE_INFINITY : DEFAULT_LIMIT)
    const all = args.flag('all')
    const [prefix = ''] = args.positionals
    const account = /^(@|did:)/.test(prefix) ? prefix.replace('@', '') : undefined
    const own = all ? entries : names
    const source = account === undefined ? own(prefix, context, limit) : published(account, context)
    const rows: Listed[] = []
    for await (const row of source) {
      if (rows.length < limit) rows.push(row)
      else {
        context.note(`the first ${formatCount(limit)}; there are more: --limit N shows them`)
        break
      }
    }
    return { rows, all, prefix, account }
  },
  human({ rows, all, prefix, account }, { columns, nowMs }) {
    if (rows.length === 0 && account !== undefined) return printable(`${account} has published nothing that can be read`)
    if (rows.length === 0 && prefix !== '')
      return printable(`no name starts with ${JSON.stringify(prefix)}; \`shardex ls\` lists all`)
    if (rows.length === 0) return 'nothing here yet; `shardex insert PATH --name NAME` puts something in'
    return formatTable(
      [
        { title: 'NAME', flexible: true, precious: true },
        ...(account === undefined ? [all ? { title: 'CID' } : ({ title: 'REV', align: 'right' } as const)] : []),
        { title: 'SAMPLES', align: 'right' },
        { title: 'SIZE', align: 'right' },
        { title: 'SHARDS', align: 'right' },
        { title: account === undefined ? 'SCHEMA' : 'URI', flexible: true },
        { title: 'AGE' },
      ],
      rows.map((row) => [
        row.name,
        ...(account === undefined ? [all ? shortCid(row.cid) : String(row.revision ?? '')] : []),
        row.sampleCount === undefined ? '?' : formatCount(row.sampleCount),
        row.sizeBytes === undefined ? '?' : formatBytes(row.sizeBytes),
        row.shardCount === undefined ? '?' : formatCount(row.shardCount),
        row.uri ?? row.schemaRef?.replace(/^local:\/\/schemas\//, '') ?? '?',
        row.atMs === undefined ? '?' : formatAge(row.atMs, nowMs),
      ]),
      columns,
    )
  },
  json: ({ rows }) => rows,
}

async function* names(prefix: string, { index, signal }: Context, limit: number): AsyncGenerator<Listed> {
  let cursor: string | undefined
  do {
    const page = await index.listNames({ prefix, cursor, limit: Math.min(PAGE, limit + 1), signal })
    const found = await Promise.all(page.names.map(({ cid }) => index.getEntry(cid, { signal })))
    for (const [place, pointer] of page.names.entries()) yield named(pointer, found[place])
    cursor = page.cursor
  } while (cursor !== undefined)
}

async function* entries(prefix: string, { index, signal }: Context, limit: number): AsyncGenerator<Listed> {
  let cursor: string | undefined
  do {
    const page = await index.listEntries({ cursor, limit: prefix === '' ? Math.min(PAGE, limit + 1) : PAGE, signal })
    for (const entry of page.entries) {
      if (entry.name.startsWith(prefix)) yield { name: entry.name, ...described(entry), atMs: entry.createdAtMs }
    }
    cursor = page.cursor
  } while (cursor !== undefined)
}

/** What cannot be read is told beside the list. */
async function* published(account: string, { atmosphere, signal, note }: Context): AsyncGenerator<Listed> {
  const index = await atmosphere()
  let cursor: string | undefined
  do {
    const page = await index.listEntries(account, { cursor, signal })
    for (const { message } of page.invalid) note(`left out: ${printable(message)}`)
    for (const { name, uri, cid, schemaRef, sampleCount, sizeBytes, size, storage, createdAtMs: atMs } of page.items) {
      const counts = {
        sampleCount: sampleCount ?? size?.samples,
        sizeBytes: sizeBytes ?? size?.bytes,
        shardCount: storage.shards.length,
      }
      yield { name, uri, cid, schemaRef, ...counts, atMs }
    }
    cursor = page.cursor
  } while (cursor !== undefined)
}

function named({ name, revision, cid, atMs }: NamePointer, entry: Entry | undefined): Listed {
  return { name, revision, cid, ...(entry && described(entry)), atMs }
}

function described({ cid, schemaRef, sampleCount, sizeBytes, shards }: Entry) {
  return { cid, schemaRef, sampleCount, sizeBytes, shardCount: shards?.length }
}
