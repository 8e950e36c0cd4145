import { resolve } from 'node:path'
import type { PrepareOptions, Problem, Promoted, PromoteProgress } from '@shardex/atproto-bridge'
import { FATES } from '@shardex/errors'
import type { Entry } from '@shardex/index'
import { S3DataStore } from '@shardex/repo'
import { decodeMsgpackMap } from '@shardex/schema'
import type { Arguments } from '../arguments.ts'
import type { Command } from '../command.ts'
import type { Context } from '../context.ts'
import { findEntry, isCid } from '../find-entry.ts'
import { printable } from '../output/printable.ts'
import { formatBytes } from '../output/units.ts'
import { printFacts } from '../print-facts.ts'
import type { Progress } from '../progress.ts'
import { toJson } from '../to-json.ts'
import { usageError } from '../usage-error.ts'

/** What was published, or with --dry-run what would be. */
type Promotion = Published | Draft

interface Published extends Promoted {
  readonly name: string
  readonly version?: string | undefined
  readonly did: string
  readonly handle: string
}

interface Draft {
  readonly name: string
  readonly version?: string | undefined
  /** Every record, with its URI, in the order in which they refer to each other. */
  readonly records: readonly { readonly uri: string; readonly record: object }[]
  readonly problems: readonly Problem[]
}

export const promote: Command<Promotion> = {
  summary: 'publish a dataset with an account of the AT Protocol',
  description: `Publishes the schema, the dataset and a label of its name, in one commit of the account, so that anybody finds and reads it by at:// URI or by handle/name.
Shards on a web server or in a bucket stay where they are; those of this machine become blobs of the account, at most 50 MiB each, unless --copy-to names a bucket. Every
shard that is sent or copied is held against its SHA-256 on the way; those that stay are asked for their size.

Doing it again changes nothing; after an interruption it goes on where it stopped. When the data changes, the label moves to the new dataset, and the old one keeps its URI.
What is said of a dataset (description, tags, license) is what this command line says.
What is published can be read and kept by everybody: look at it with --dry-run first.`,
  positionals: ['<name|name@version|cid>'],
  options: {
    to: { type: 'string', value: 'HANDLE', help: 'the account, logged in (default: the only one that is)' },
    'dry-run': {
      type: 'boolean',
      help: 'show what would be published, and what is wrong with it; without --to it needs no account',
    },
    as: { type: 'string', value: 'NAME', help: 'what to call it there (default: its name here)' },
    version: { type: 'string', value: 'V', help: 'the version that the label says (default: that of name@version)' },
    'move-version': { type: 'boolean', help: 'take the version away from the dataset that has it' },
    description: { type: 'string', value: 'TEXT', help: 'what is in it' },
    tag: { type: 'string', value: 'TAG', multiple: true, help: 'a word to find it by' },
    license: { type: 'string', value: 'LICENSE', help: 'under which others may use it: CC-BY-4.0' },
    storage: {
      type: 'string',
      value: 'KIND',
      help: 'urls, s3 or blobs (default: where the shards are; those of this machine become blobs)',
    },
    'copy-to': { type: 'string', value: 'BUCKET', help: 'copy the shards to this bucket first' },
    'copy-credentials': {
      type: 'string',
      value: 'FILE',
      help: '.env file for that bucket (default: as for the store, else the AWS default chain)',
    },
    region: { type: 'string', value: 'REGION', help: 'of the bucket' },
    'allow-private': {
      type: 'boolean',
      help: 'publish addresses that only your own network reaches (SHARDEX_ALLOW_PRIVATE is about reading)',
    },
  },
  examples: [
    ['shardex promote emoji --dry-run', 'the records, and what is wrong with them'],
    ['shardex promote emoji --to alice.example.com --license CC-BY-4.0', 'publish it'],
    ['shardex promote photos@1.0 --to alice.example.com --copy-to public-photos', 'by way of a bucket, with a version'],
  ],
  async run(args, context) {
    const { index, repo, signal } = context
    const target = args.positionals[0] as string
    const entry = await findEntry(target, context)
    await using opened = new AsyncDisposableStack()
    const options = { ...optionsOf(target, entry, args), ...copyOptions(args, context, opened), signal }
    const { name, version } = options
    const bridge = await import('@shardex/atproto-bridge')
    if (args.flag('dry-run')) {
      const to = args.text('to')
      const account = to === undefined ? undefined : await (await context.sessions()).open(to)
      const { schema, entry: dataset, label, problems } = await bridge.prepare(entry, index, { ...options, repo: account?.did })
      const records = [schema, dataset, label].map(({ uri, record }) => ({ uri, record: bridge.recordToJson(record) }))
      return { name, version, records, problems }
    }
    const { agent, did, handle } = await (await context.sessions()).open(args.text('to'))
    const source = repo.store.storage
    let progress: Progress | undefined
    const onProgress = ({ step, doneBytes, totalBytes }: PromoteProgress): void => {
      progress ??= opened.use(context.progress({ label: name, unit: 'bytes', total: totalBytes }))
      progress.update(doneBytes, { text: step })
    }
    const promoted = await bridge.promote(entry, index, agent, {
      ...options,
      source,
      moveVersion: args.flag('move-version'),
      onProgress,
    })
    return { name, version, did, handle, ...promoted }
  },
  human: (promotion) => ('records' in promotion ? printDraft(promotion) : printPublished(promotion)),
  exit: (promotion) => ('records' in promotion && promotion.problems.length > 0 ? FATES['promotion.refused'].exit : 0),
}

function optionsOf(target: string, entry: Entry, args: Arguments): PrepareOptions & { readonly name: string } {
  const at = isCid(target) ? -1 : target.lastIndexOf('@')
  const storage = args.text('storage')
  if (storage !== undefined && storage !== 'urls' && storage !== 's3' && storage !== 'blobs')
    throw usageError('--storage', JSON.stringify(storage), 'urls, s3 or blobs')
  return {
    name: args.text('as') ?? (at > 0 ? target.slice(0, at) : entry.name),
    version: args.text('version') ?? (at > 0 ? target.slice(at + 1) : undefined),
    description: args.text('description'),
    tags: args.texts('tag'),
    license: args.text('license'),
    storage,
    // Not the setting: that a private address may be dialed from here does not make it one for the world.
    allowPrivate: args.flag('allow-private'),
  }
}

function copyOptions(
  args: Arguments,
  { config: { store }, cwd }: Context,
  opened: AsyncDisposableStack,
): Pick<PrepareOptions, 'dataStore' | 's3'> {
  const [bucket, file, region] = [args.text('copy-to'), args.text('copy-credentials'), args.text('region')]
  const own = store.kind === 's3' ? store.credentials : undefined
  if (bucket !== undefined && args.text('storage') === 'blobs')
    throw usageError('--copy-to', '--storage blobs too', 'one of the two')
  if (bucket === undefined && file !== undefined)
    throw usageError('--copy-credentials', 'no bucket', '--copy-to BUCKET beside it')
  // Where no copies are made, the bucket is that of the store.
  if (bucket === undefined) return { s3: { endpoint: own?.AWS_ENDPOINT, region } }
  const credentials = file === undefined ? own : resolve(cwd, file)
  return { dataStore: opened.use(new S3DataStore({ bucket, credentials })), s3: { region } }
}

function printPublished({
  name,
  version,
  handle,
  did,
  uri,
  schemaUri,
  labelUri,
  schema,
  entry,
  label,
  sentBytes,
}: Published): string {
  const reference = `${handle}/${name}${version === undefined ? '' : `@${version}`}`
  const facts = printFacts([
    ['uri', uri],
    ['name', reference],
    ['account', did],
    ['entry', entry],
    ['schema', `${schema}: ${schemaUri}`],
    ['label', `${label}: ${labelUri}`],
    ['sent', sentBytes === 0 ? undefined : formatBytes(sentBytes)],
  ])
  return `${facts}\n\nAnybody reads it now: shardex head ${printable(reference)}`
}

function printDraft({ records, problems }: Draft): string {
  const parts = records.map(({ uri, record }) =>
    [uri, ...JSON.stringify(record, readable, 2).split('\n')].map((line) => printable(line)).join('\n'),
  )
  const wrong = problems.map(({ path, found, wanted, advice }) =>
    printable(`${path}: found ${found}, wanted ${wanted}; ${advice}`),
  )
  return [
    ...parts,
    wrong.length === 0
      ? 'Nothing was written. It can be published as it is.'
      : `It cannot be published as it is:\n${wrong.join('\n')}`,
  ].join('\n\n')
}

/** What a person looks for before it is public. Other bytes are for programs: `--json` has them. */
function readable(key: string, value: unknown): unknown {
  const { $bytes } = Object(value) as { $bytes?: unknown }
  if (typeof $bytes !== 'string') return value
  const bytes = Buffer.from($bytes, 'base64')
  return key === 'metadata' ? JSON.parse(toJson(decodeMsgpackMap(bytes))) : `${bytes.length} bytes`
}
