import { ShardexError } from '@shardex/errors'
import type { EntryOptions, LocalIndex } from '@shardex/index'
import { describeSchema, type SampleType, schemaDigest } from '@shardex/schema'

/** What can be known to fail is found out before hours of uploading. */

/** @throws `schema.conflict` if the reference is to another definition; `schema.not_found` */
export async function assertSchema(
  index: LocalIndex,
  ref: string,
  type: SampleType,
  signal: AbortSignal | undefined,
): Promise<void> {
  const published = await index.decodeSchema(ref, { signal })
  if (schemaDigest(type) === schemaDigest(published)) return
  const message = `${ref} describes other samples than ${type.name}: nobody could read them by it. Leave schemaRef out, or use the type that decodeSchema gives.`
  throw new ShardexError('schema.conflict', { ref, found: describeSchema(type), wanted: describeSchema(published) }, { message })
}

/** @throws `write.conflict` */
export async function assertRevision(
  index: LocalIndex,
  { name, ifRevision }: EntryOptions,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (ifRevision === undefined) return
  const actualRevision = (await index.getEntryByName(name, { signal }))?.revision ?? 0
  if (ifRevision === actualRevision) return
  const message = `"${name}" stands at revision ${actualRevision}, not ${ifRevision}: somebody else moved it. Read it again and decide anew.`
  throw new ShardexError('write.conflict', { name, expectedRevision: ifRevision, actualRevision }, { message })
}
