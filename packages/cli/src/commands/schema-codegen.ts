import { readFile, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { generateTypeScript } from '@shardex/schema'
import type { Command } from '../command.ts'
import { findSchema } from '../find-schema.ts'
import { usageError } from '../usage-error.ts'

interface Generated {
  readonly ref: string
  readonly code: string
  /** The file it was written to, if one was given. */
  readonly out?: string | undefined
}

export const schemaCodegen: Command<Generated> = {
  summary: 'a schema as TypeScript',
  description:
    'Writes a module that defines the sample type, so that a program reads the dataset with types. The same schema gives the same text.',
  positionals: ['<ref|name|name@version>'],
  options: {
    out: {
      type: 'string',
      short: 'o',
      value: 'FILE',
      help: 'write it here (default: print it). Only what was generated before is overwritten',
    },
    import: { type: 'string', value: 'MODULE', help: 'where the module imports from (default "shardex")' },
  },
  examples: [
    ['shardex schema codegen photos.Sample --out src/photos.ts', 'into a project'],
    ['shardex schema codegen photos.Sample@1.0.0', 'to look at'],
  ],
  async run(args, context) {
    const record = await findSchema(args.positionals[0] as string, context)
    const code = generateTypeScript(record, { importFrom: args.text('import') ?? 'shardex' })
    const file = args.text('out')
    if (file === undefined) return { ref: record.$ref, code }
    const out = resolve(context.cwd, file)
    await assertGenerated(out, code)
    await writeFile(out, code)
    return { ref: record.$ref, code, out }
  },
  human: ({ code, out }) => (out === undefined ? code : `wrote ${out}`),
}

/** Somebody's own code is not overwritten. */
async function assertGenerated(path: string, code: string): Promise<void> {
  const there = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  const mark = code.slice(0, code.indexOf('"'))
  if (there !== undefined && !there.startsWith(mark))
    throw usageError('--out', `${path}, which was written by hand`, 'a new file, or one that was generated')
}
