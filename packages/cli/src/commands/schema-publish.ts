import { resolve } from 'node:path'
import { describeFields } from '@shardex/schema'
import type { Command } from '../command.ts'
import { loadSampleType } from '../load-sample-type.ts'
import { printable } from '../output/printable.ts'
import { indented } from '../print-facts.ts'

interface Published {
  readonly ref: string
  readonly fields: readonly string[]
}

export const schemaPublish: Command<Published> = {
  summary: 'publish a schema from a file',
  description: `Publishes the schema record of a .json file, or the sample type that a .ts or .js module exports (the module is run). Without
--version it gets the next patch; the same definition again is no news.`,
  startsRegistry: true,
  positionals: ['<file>'],
  options: {
    version: { type: 'string', value: 'V', help: 'a semantic version that is free: 2.0.0' },
    description: { type: 'string', value: 'TEXT', help: 'what the samples are' },
    export: { type: 'string', value: 'NAME', help: 'which export of the module, if it has several sample types' },
  },
  examples: [
    ['shardex schema publish src/image-sample.ts', 'the sample type a module exports'],
    ['shardex schema publish schema.json --version 2.0.0', 'a record that `shardex schema show --json` printed'],
  ],
  async run(args, { index, signal, cwd }) {
    const type = await loadSampleType(resolve(cwd, args.positionals[0] as string), args.text('export'))
    const ref = await index.publishSchema(type, { version: args.text('version'), description: args.text('description'), signal })
    return { ref, fields: describeFields(type) }
  },
  human: ({ ref, fields }) => `${printable(ref)}\n${indented(fields)}`,
}
