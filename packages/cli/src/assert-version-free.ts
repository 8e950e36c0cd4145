import { ShardexError } from '@shardex/errors'
import type { Context } from './context.ts'

/**
 * Who cites `name@version` means the same samples for ever. It is looked up before, not locked: of two people who take the same version in
 * the same moment both pass, and the last of them has it. For what people type that is good enough.
 * @param cid what is to be marked, if it is known: the same entry again is no move
 * @throws {ShardexError} `label.exists`
 */
export async function assertVersionFree(
  name: string,
  version: string,
  { index, signal }: Pick<Context, 'index' | 'signal'>,
  cid?: string,
): Promise<void> {
  const there = await index.getLabel(name, version, { signal })
  if (there === undefined || there.cid === cid) return
  const mark = `${name}@${version}`
  const message = `${mark} is taken: it marks ${there.cid}. Choose another version; --move-version takes this one away from what it marks`
  throw new ShardexError('label.exists', { name, version, cid: there.cid }, { message })
}
