import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { ShardexError } from '@shardex/errors'
import { assertName, type Entry, type Metadata } from '@shardex/index'
import type { InsertOptions, Layout } from '@shardex/repo'
import { describeFields } from '@shardex/schema'
import { parseUrl } from '@shardex/storage'
import type { Arguments } from '../arguments.ts'
import { assertVersionFree } from '../assert-version-free.ts'
import type { Command } from '../command.ts'
import type { Context } from '../context.ts'
import { insertFailure } from '../insert-failure.ts'
import { formatBytes, formatCount, formatDuration } from '../output/units.ts'
import { parseMetadata } from '../parse-metadata.ts'
import { counted, indented, printFacts } from '../print-facts.ts'
import { findResumption } from '../resume-insert.ts'
import { FORMATS, type Format } from '../sources/detect-format.ts'
import { openSource } from '../sources/open-source.ts'
import type { SampleSource } from '../sources/source.ts'
import { usageError } from '../usage-error.ts'

interface Inserted {
  readonly name: string
  readonly revision: number | undefined
  /** The version it was labelled with, if one was given. */
  readonly version?: string | undefined
  readonly cid: string
  readonly schemaRef: string
  readonly fields: readonly string[]
  readonly sampleCount: number
  readonly sizeBytes: number
  readonly dataUrls: readonly string[]
  /** Bytes that went into the store: less than there are if shards were there already. */
  readonly sentBytes: number
  /** Whether an insert that was interrupted was continued. */
  readonly resumed: boolean
  readonly notices: readonly string[]
  readonly durationMs: number
}

export const insert: Command<Inserted> = {
  summary: 'put a folder or file of samples into the store, under a name',
  description: `Reads a folder of files (with labels from folder names or from a table beside it; 1.jpg and 1.txt are one sample), or a
JSONL, JSON, CSV, TSV, Parquet or tar file (a column __key__ gives the keys; else rows are numbered, or named by their content with --layout content); infers the schema; writes tar shards and commits them under a name, in one step. A name that exists moves to
the new content and keeps its history. When it fails or is stopped, nothing is left; with --resume what is
stored stays, and the same command goes on after the last finished shard.`,
  startsRegistry: true,
  positionals: ['<path>'],
  options: {
    name: { type: 'string', value: 'NAME', required: true, help: 'what to call the dataset' },
    labels: {
      type: 'string',
      value: 'FILE',
      help: 'JSON, JSONL, CSV, TSV or Parquet file with a row for each file of the folder',
    },
    'keep-unlabelled': { type: 'boolean', help: 'also files without a row in the labels file; their labels are missing' },
    'schema-name': { type: 'string', value: 'MODULE.TYPE', help: 'name of the sample type (default: made from the path)' },
    format: { type: 'string', value: 'FORMAT', help: `${FORMATS.join(', ')} (default: seen from name and content)` },
    limit: { type: 'string', value: 'N', help: 'only the first N samples' },
    maxcount: { type: 'string', value: 'N', help: 'samples per shard, at most (default 10,000)' },
    maxsize: { type: 'string', value: 'SIZE', help: 'bytes per shard, at most: 256MB, 1GiB (default 256MiB)' },
    'cache-local': { type: 'boolean', help: 'write each shard to a temporary file first, then upload it' },
    resume: { type: 'boolean', help: 'go on where the same command was interrupted; keep what is stored if it is again' },
    layout: { type: 'string', value: 'LAYOUT', help: 'sequence (default), or content: share equal shards with other datasets' },
    manifest: { type: 'boolean', help: 'write what each shard holds beside it, so that it can be queried' },
    mirror: {
      type: 'string',
      value: 'URL',
      multiple: true,
      help: 'where copies of the shards are to be found, if one is damaged',
    },
    metadata: { type: 'string', value: 'JSON|KEY=TEXT', multiple: true, help: 'kept with the entry; later ones win' },
    version: { type: 'string', value: 'V', help: 'also label it, so that NAME@V finds it for ever' },
    'move-version': { type: 'boolean', help: 'take the version away from the entry that has it' },
    'if-revision': { type: 'string', value: 'N', help: 'only if the name stands at revision N; 0: only if it is new' },
  },
  examples: [
    ['shardex insert ./photos --name photos', 'a folder of images, labelled by the folders they are in'],
    ['shardex insert ./img --name emoji --labels emoji.json', 'images with a table of labels'],
    [
      'shardex insert reviews.jsonl --name reviews --maxcount 5000 --version 1.0',
      'a text file, in smaller shards, with a version',
    ],
    ['shardex insert ./large --name large --resume', 'begin, and after an interruption go on where it stopped'],
    ['shardex insert ./photos --name photos --layout content', 'send only the shards that are not there yet'],
  ],
  async run(args, context) {
    const [path = ''] = args.positionals
    const name = args.text('name') as string
    assertName(name)
    const options = insertOptions(args, context)
    // Before a long read: is the registry there at all?
    const current = await context.index.getEntryByName(name, { signal: context.signal })
    assertRevision(name, current?.revision ?? 0, options.ifRevision)
    if (options.version !== undefined && !args.flag('move-version')) await assertVersionFree(name, options.version, context)
    await using source = await readSource(path, args, context)
    const fields = describeFields(source.type)
    context.note(
      [source.describe, indented([source.type.name]), indented(fields.map((field) => `  ${field}`)), ...source.notices].join(
        '\n',
      ),
    )
    for (const mirror of args.texts('mirror')) {
      const folder = folderOf(mirror, context.cwd)
      if (folder !== undefined && !existsSync(folder))
        context.note(`--mirror: there is no folder ${folder} yet; nothing is copied there by this command`)
    }
    const startedAtMs = performance.now()
    const resumption = args.flag('resume') ? await findResumption(name, commandOf(path, args, context), context) : undefined
    const begun = resumption?.begun
    const other = resumption?.others.at(-1)
    if (begun === undefined && other !== undefined) {
      const stored = counted(formatCount(other.shardCount), 'shard')
      context.note(
        `there is an unfinished insert of this name with other options or another source (${stored}); this one begins anew`,
      )
    }
    // Not before it is sure that nobody else is at it.
    const onBegin = (): void => {
      if (begun !== undefined)
        context.note(`going on with what was interrupted: ${counted(formatCount(begun.shardCount), 'shard')} stored`)
    }
    const { ingestId } = resumption ?? {}
    const { entry, sentBytes } = await write(source, name, { ...options, ingestId, onBegin }, context).catch(async (error) => {
      throw await insertFailure(error, { name, revision: current?.revision ?? 0, ingestId, layout: options.layout }, context)
    })
    if (current !== undefined && current.schemaRef !== entry.schemaRef)
      context.note(`the schema of ${name} changed from ${current.schemaRef} to ${entry.schemaRef}`)
    return {
      ...described(entry, name),
      version: options.version,
      sentBytes,
      resumed: begun !== undefined,
      fields,
      notices: source.notices,
      durationMs: Math.round(performance.now() - startedAtMs),
    }
  },
  human({ name, revision, version, cid, schemaRef, sampleCount, sizeBytes, dataUrls, sentBytes, durationMs }) {
    const perSecond = (amount: number): number => (amount * 1000) / Math.max(1, durationMs)
    const rate = `${formatCount(Math.round(perSecond(sampleCount)))} samples/s, ${formatBytes(perSecond(sizeBytes))}/s`
    return printFacts([
      ['name', `${name}, revision ${revision}`],
      ['version', version === undefined ? undefined : `${name}@${version}`],
      ['cid', cid],
      ['schema', schemaRef],
      ['samples', formatCount(sampleCount)],
      ['size', `${formatBytes(sizeBytes)} in ${counted(formatCount(dataUrls.length), 'shard')}`],
      ['sent', sentBytes < sizeBytes ? `${formatBytes(sentBytes)}; the rest was there already` : undefined],
      ['time', `${formatDuration(durationMs)} (${rate})`],
    ])
  },
}

/** Before the source is read; whoever moves the name while it is read is found by the repo. */
function assertRevision(name: string, actualRevision: number, expectedRevision = actualRevision): void {
  if (actualRevision === expectedRevision) return
  const message =
    actualRevision === 0
      ? `--if-revision ${expectedRevision}: there is no dataset ${JSON.stringify(name)}, wanted one at that revision; 0 stands for a new name`
      : `--if-revision ${expectedRevision}: ${JSON.stringify(name)} stands at revision ${actualRevision}; \`shardex history ${name}\` shows what happened`
  throw new ShardexError('write.conflict', { name, expectedRevision, actualRevision }, { message })
}

function insertOptions(args: Arguments, context: Context) {
  return {
    maxcount: args.integer('maxcount', 1),
    maxsize: args.size('maxsize'),
    cacheLocal: args.flag('cache-local'),
    layout: layoutOf(args.text('layout')),
    manifest: args.flag('manifest'),
    metadata: withMirrors(parseMetadata(args.texts('metadata')), args.texts('mirror'), context),
    version: args.text('version'),
    ifRevision: args.integer('if-revision', 0),
  }
}

async function readSource(path: string, args: Arguments, { cwd, signal, progress }: Context): Promise<SampleSource> {
  using reading = progress({ label: 'reading', unit: 'bytes' })
  return await openSource(resolve(cwd, path), {
    format: formatOf(args.text('format')),
    labels: ifGiven(args.text('labels'), (file) => resolve(cwd, file)),
    keepUnlabelled: args.flag('keep-unlabelled'),
    schemaName: args.text('schema-name'),
    limit: args.integer('limit', 1),
    signal,
    onProgress: (done) => reading.update(done),
  })
}

async function write(
  source: SampleSource,
  name: string,
  { onBegin, ...options }: InsertOptions & { readonly onBegin: () => void },
  context: Context,
): Promise<{ entry: Entry; sentBytes: number }> {
  let sent: number | undefined
  using writing = context.progress({ label: 'writing', unit: 'samples', total: source.sampleCount })
  const [entry] = await context.repo.insert({ type: source.type, samples: source.samples }, name, {
    ...options,
    signal: context.signal,
    onProgress({ samples, bytes, sentBytes }) {
      if (sent === undefined) onBegin()
      sent = sentBytes
      writing.update(samples, { bytes })
    },
  })
  writing.finish()
  return { entry, sentBytes: sent ?? 0 }
}

function described({ revision, cid, schemaRef, sampleCount = 0, sizeBytes = 0, dataUrls }: Entry, name: string) {
  return { name, revision, cid, schemaRef, sampleCount, sizeBytes, dataUrls }
}

/** Whatever decides which samples are read, which shards they give, where those go and what is said of them. */
function commandOf(path: string, args: Arguments, context: Context): unknown {
  const { cwd, config } = context
  const { ifRevision: _, cacheLocal: __, manifest: ___, ...options } = insertOptions(args, context)
  const store = config.store.kind === 's3' ? [config.store.bucket, config.store.prefix] : config.store.root
  const files = [path, args.text('labels')].map((file) => file && resolve(cwd, file))
  const reading = ['format', 'schema-name', 'limit'].map((option) => args.text(option))
  return { files, reading, keepUnlabelled: args.flag('keep-unlabelled'), options, store }
}

function layoutOf(text: string | undefined): Layout | undefined {
  if (text === undefined || text === 'sequence' || text === 'content') return text
  throw usageError('--layout', JSON.stringify(text), 'sequence or content')
}

function withMirrors(metadata: Metadata | undefined, mirrors: readonly string[], { cwd, config }: Context): Metadata | undefined {
  if (mirrors.length === 0) return metadata
  const bases = mirrors.map((mirror) => {
    const folder = folderOf(mirror, cwd)
    if (folder !== undefined && config.store.kind === 's3')
      throw usageError('--mirror', mirror, 's3://, http:// or https://, as shards go to S3')
    return folder ?? mirror
  })
  return { ...metadata, mirrors: bases }
}

/** The folder that a mirror is, if it is one. */
function folderOf(mirror: string, cwd: string): string | undefined {
  const parsed = parseUrl(mirror)
  if (parsed.scheme !== 'file') return undefined
  return /^file:/i.test(mirror) ? parsed.path : resolve(cwd, mirror)
}

function formatOf(text: string | undefined): Format | undefined {
  const format = FORMATS.find((known) => known === text)
  if (text === undefined || format !== undefined) return format
  throw usageError('--format', JSON.stringify(text), FORMATS.join(', '))
}

function ifGiven<T, U>(value: T | undefined, make: (value: T) => U): U | undefined {
  return value === undefined ? undefined : make(value)
}
