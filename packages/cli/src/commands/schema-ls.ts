import type { PublishedSchema } from '@shardex/index'
import { collect } from '../collect.ts'
import type { Command } from '../command.ts'
import { formatTable } from '../output/table.ts'

export const schemaLs: Command<readonly PublishedSchema[]> = {
  summary: 'list schemas',
  positionals: [],
  options: {},
  examples: [['shardex schema ls', 'every version of every schema']],
  run: (_, { index, signal }) => collect(index.listSchemas({ signal })),
  human: (schemas, { columns }) =>
    schemas.length === 0
      ? 'no schemas yet; `shardex insert` and `shardex schema publish` publish them'
      : formatTable(
          [{ title: 'REF' }, { title: 'FIELDS', flexible: true }, { title: 'DESCRIPTION', flexible: true }],
          schemas.map(({ $ref, fields, description }) => [$ref, fields.map(({ name }) => name).join(', '), description ?? '']),
          columns,
        ),
}
