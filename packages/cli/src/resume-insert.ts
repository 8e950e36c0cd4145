import { createHash } from 'node:crypto'
import type { Ingest } from '@shardex/index'
import type { Context } from './context.ts'

/** An insert that can be continued, and what there is of it. */
export interface Resumption {
  readonly ingestId: string
  /** The journal of the try that was interrupted, if there was one. */
  readonly begun: Ingest | undefined
  /** Inserts of the name that were begun by other commands and have not ended. */
  readonly others: readonly Ingest[]
}

/**
 * The insert of the same source with the same options under the same name that was interrupted, or a new one. Its id starts with a digest of
 * them all, so that another command is never taken for it. Two that begin the same one at the same time choose the same id, and the registry
 * lets one of them go on.
 * @param command whatever decides which samples are read, how they are stored and what is said of them
 */
export async function findResumption(name: string, command: unknown, { index, signal }: Context): Promise<Resumption> {
  const digest = createHash('sha256')
    .update(JSON.stringify([name, command]))
    .digest('hex')
    .slice(0, 32)
  const open = await index.ingests.openFor(name, { signal })
  const isSame = ({ id }: Ingest): boolean => id.startsWith(`${digest}:`)
  const begun = open.findLast(isSame)
  const others = open.filter((ingest) => !isSame(ingest))
  return { ingestId: begun?.id ?? (await unusedId(digest, name, { index, signal })), begun, others }
}

/** Most commits move the name; those that do not are counted. */
async function unusedId(digest: string, name: string, { index, signal }: Pick<Context, 'index' | 'signal'>): Promise<string> {
  const revision = await index.historyLength(name, { signal })
  for (let again = 0; ; again++) {
    const id = `${digest}:${revision}.${again}`
    const known = await index.ingests.find(id, { signal })
    if (known === undefined || known.state === 'open') return id
  }
}
