import { ShardexError } from '@shardex/errors'
import type { PublishedSchema } from '@shardex/index'
import { formatSchemaRef } from '@shardex/schema'
import type { Context } from './context.ts'

/**
 * What a person calls a schema: its reference, `name@version`, or the name alone for the latest version.
 * @throws {ShardexError} `schema.not_found`, `ref.invalid`
 */
export async function findSchema(text: string, { index, signal }: Context): Promise<PublishedSchema> {
  const ref = text.includes('://') ? text : await complete(text)
  const found = ref === undefined ? undefined : await index.getSchema(ref, { signal })
  if (found !== undefined) return found
  const message = `there is no schema ${JSON.stringify(ref ?? text)}; \`shardex schema ls\` lists those that are there`
  throw new ShardexError('schema.not_found', { ref: ref ?? text }, { message })

  async function complete(name: string): Promise<string | undefined> {
    const at = name.lastIndexOf('@')
    if (at > 0) return formatSchemaRef(name.slice(0, at), name.slice(at + 1))
    const version = await index.latestSchemaVersion(name, { signal })
    return version === undefined ? undefined : formatSchemaRef(name, version)
  }
}
