import { isShardexError, ShardexError } from '@shardex/errors'
import { Dataset } from '@shardex/repo'
import { collect } from '../collect.ts'
import type { Command } from '../command.ts'
import type { Context } from '../context.ts'
import { findDataset } from '../find-dataset.ts'
import { parseMoment } from '../find-entry.ts'
import { type PrintedSample, printSamples, samplesJson } from '../print-samples.ts'
import { usageError } from '../usage-error.ts'
import { withRepairAdvice } from '../verify/repair-advice.ts'

const DEFAULT_COUNT = 5

export const head: Command<readonly PrintedSample[]> = {
  summary: 'the first samples of a dataset',
  description: 'Reads only as far as it has to: a sample by its key, or at an offset, is one ranged read.',
  positionals: ['<name|name@version|cid|at://…>'],
  options: {
    count: { type: 'string', short: 'n', value: 'N', help: `so many samples (default ${DEFAULT_COUNT})` },
    limit: { type: 'string', value: 'N', help: 'the same, as other commands call it' },
    offset: { type: 'string', value: 'N', help: 'from this place on, counted from 0' },
    key: { type: 'string', value: 'KEY', help: 'only the sample with this key' },
    at: { type: 'string', value: 'REVISION|TIME', help: 'as the name stood then' },
    unproved: { type: 'boolean', help: 'read also what others have published without digests, which nothing proves' },
  },
  examples: [
    ['shardex head photos', `the first ${DEFAULT_COUNT} samples`],
    ['shardex head photos -n 1 --json', 'one sample with all its bytes, for a program'],
    ['shardex head photos --key cat-0017', 'one sample by its key'],
    ['shardex head @alice.example.com/photos', 'what somebody has published, proved'],
  ],
  async run(args, context) {
    if (args.text('count') !== undefined && args.text('limit') !== undefined)
      throw usageError('--count', '--limit too', 'one of the two')
    const count = args.integer('count', 1) ?? args.integer('limit', 1) ?? DEFAULT_COUNT
    const offset = args.integer('offset', 0) ?? 0
    const key = args.text('key')
    if (key !== undefined && args.text('offset') !== undefined) throw usageError('--key', '--offset too', 'one of the two')
    const target = args.positionals[0] as string
    const { entry, storage, verify, type } = await findDataset(target, context, parseMoment(args.text('at')))
    const dataset = Dataset.from(await type(), entry, { storage, verify: args.flag('unproved') ? 'crc32' : verify })
    try {
      if (key === undefined) return await collect(samplesFrom(dataset, offset, offset + count, context))
      const sample = await dataset.byKey(key, { signal: context.signal })
      if (sample !== undefined) return [sample]
    } catch (error) {
      throw withRepairAdvice(error, entry, args.text('at') === undefined ? target : undefined)
    }
    const message = `${target} has no sample with the key ${JSON.stringify(key)}; \`shardex head ${target}\` shows what keys look like`
    throw new ShardexError('key.not_found', { dataset: target, key }, { message })
  },
  json: samplesJson,
  human: (samples, { columns }) => printSamples(samples, columns),
}

/** Those at `[start, end)`, as far as there are any. Without an offset index everything before them has to be read. */
async function* samplesFrom(
  dataset: Dataset<PrintedSample>,
  start: number,
  end: number,
  { signal }: Context,
): AsyncGenerator<PrintedSample> {
  if (start > 0) {
    try {
      yield await dataset.at(start, { signal })
      for (let place = start + 1; place < Math.min(end, dataset.length ?? end); place++) yield await dataset.at(place, { signal })
      return
    } catch (error) {
      if (!isShardexError(error, 'dataset.unindexed')) throw error
    }
  }
  let place = 0
  for await (const sample of dataset.ordered({ signal })) {
    if (place >= start) yield sample
    if (++place >= end) return
  }
}
