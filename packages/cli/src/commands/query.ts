import { Dataset } from '@shardex/repo'
import type { Command } from '../command.ts'
import { findEntry, parseMoment } from '../find-entry.ts'
import { formatCount } from '../output/units.ts'
import { counted } from '../print-facts.ts'
import { type PrintedSample, printSamples, samplesJson } from '../print-samples.ts'
import { parseWhere } from '../query/parse-where.ts'

const DEFAULT_LIMIT = 20

export const query: Command<readonly PrintedSample[] | { readonly count: number }> = {
  summary: 'the samples of a dataset that match',
  description: `Finds samples by the manifests of the shards, and reads nothing else: \`shardex manifest NAME\` writes them, or insert --manifest.
A question is made of FIELD = VALUE (or != < <= > >=), FIELD in (VALUE, …), LIST has VALUE and FIELD exists, with and, or, not and brackets. Text with spaces
stands in quotes. __key__ is a field too.`,
  positionals: ['<name|name@version|cid>', '<where>'],
  options: {
    limit: { type: 'string', short: 'n', value: 'N', help: `so many samples at most (default ${DEFAULT_LIMIT})` },
    count: { type: 'boolean', help: 'only how many there are, without reading them' },
    scan: { type: 'boolean', help: 'read all samples and look at each: needs no manifests' },
    at: { type: 'string', value: 'REVISION|TIME', help: 'as the name stood then' },
  },
  examples: [
    ["shardex query photos 'label = cat and score >= 0.5'", 'samples by their fields'],
    ["shardex query photos 'not tags has blurred' --count", 'how many there are'],
    ["shardex query photos 'label = cat' -n 1000 --json", 'for a program'],
  ],
  async run(args, context) {
    const [target = '', where = ''] = args.positionals
    const { signal } = context
    const limit = args.integer('limit', 1) ?? DEFAULT_LIMIT
    const question = parseWhere(where)
    const entry = await findEntry(target, context, parseMoment(args.text('at')))
    const type = await context.index.decodeSchema(entry.schemaRef, { signal })
    const dataset = Dataset.from(type, entry, { storage: context.repo.store.storage })
    const found = dataset.query(question, { scan: args.flag('scan') })
    if (args.flag('count')) return { count: await found.count({ signal }) }
    const samples: PrintedSample[] = []
    for await (const sample of found.ordered({ signal })) {
      if (samples.length === limit) {
        context.note(`there are more than ${limit}: --limit shows them, --count says how many`)
        break
      }
      samples.push(sample)
    }
    return samples
  },
  json: (value) => ('count' in value ? value : samplesJson(value)),
  human: (value, { columns }) =>
    'count' in value
      ? counted(formatCount(value.count), 'sample')
      : value.length === 0
        ? 'no sample matches'
        : printSamples(value, columns),
}
