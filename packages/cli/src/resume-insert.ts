import { createHash, randomUUID } from 'node:crypto'
import type { Ingest } from '@shardex/index'
import type { Context } from './context.ts'

/** An insert that can be continued, and what there is of it. */
export interface Resumption {
  readonly ingestId: string
  /** The journal of the try that was interrupted, if there was one. */
  readonly begun: Ingest | undefined
}

/**
 * The insert of the same source with the same options under the same name that was interrupted, or a new one. Its id starts with a digest of
 * them all, so that another command is never taken for it.
 * @param command whatever decides which samples are read and how they are stored
 */
export async function findResumption(name: string, command: unknown, { index, signal }: Context): Promise<Resumption> {
  const digest = createHash('sha256').update(JSON.stringify(command)).digest('hex').slice(0, 32)
  const begun = (await index.ingests.openFor(name, { signal })).findLast(({ id }) => id.startsWith(`${digest}:`))
  return { ingestId: begun?.id ?? `${digest}:${randomUUID()}`, begun }
}
