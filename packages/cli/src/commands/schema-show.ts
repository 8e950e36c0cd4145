import type { PublishedSchema } from '@shardex/index'
import { describeFields, sampleTypeFromRecord } from '@shardex/schema'
import type { Command } from '../command.ts'
import { findSchema } from '../find-schema.ts'
import { indented, printFacts } from '../print-facts.ts'

export const schemaShow: Command<PublishedSchema> = {
  summary: 'the fields of a schema',
  positionals: ['<ref|name|name@version>'],
  options: {},
  examples: [
    ['shardex schema show photos.Sample', 'its latest version'],
    ['shardex schema show local://schemas/photos.Sample@1.0.0 --json', 'the record, as it is stored'],
  ],
  run: ({ positionals: [ref = ''] }, context) => findSchema(ref, context),
  human: (record) =>
    [
      printFacts([
        ['schema', record.$ref],
        ['description', record.description ?? undefined],
        ['created', record.createdAt],
      ]),
      indented(describeFields(sampleTypeFromRecord(record))),
    ].join('\n'),
}
