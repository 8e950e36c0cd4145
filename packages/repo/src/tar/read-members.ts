import { ShardexError } from '@shardex/errors'
import { stoppable } from '@shardex/storage'
import { ByteSource } from './byte-source.ts'
import { readTar, type TarEntry } from './read-tar.ts'
import { TarFault } from './tar-header.ts'

/** A member of a tar as WebDataset names it. */
export interface TarMember {
  /** The path up to the first dot of its last part. */
  readonly key: string
  /** What follows that dot, in lower case. */
  readonly extension: string
  readonly bytes: Uint8Array
}

export interface ReadMembersOptions {
  readonly signal?: AbortSignal | undefined
  /** Hears of each member that WebDataset readers do not see, with the reason. */
  readonly onSkip?: ((reason: string) => void) | undefined
}

/**
 * The members of a foreign tar in order, as WebDataset readers see them: regular files with an extension, none whose path has a part that ends in `__x__`.
 * @param source named in errors
 * @throws `shard.corrupt` for what is not a tar, is cut short, even between two members, or claims a member of more than 2 GiB
 */
export async function* readTarMembers(
  chunks: AsyncIterable<Uint8Array>,
  source: string,
  { signal, onSkip }: ReadMembersOptions = {},
): AsyncGenerator<TarMember> {
  const stream = stoppable(chunks, signal)
  const input = new ByteSource(stream)
  try {
    for await (const { name, kind, payload } of readTar(input)) {
      const cut = cutName(name, kind)
      if ('key' in cut) yield { ...cut, bytes: await payload() }
      else if (kind !== 'directory') onSkip?.(cut.skip)
    }
  } catch (error) {
    throw error instanceof TarFault ? corrupt(source, input.position, error) : error
  } finally {
    await stream.return()
  }
}

function cutName(path: string, kind: TarEntry['kind']): { key: string; extension: string } | { skip: string } {
  if (kind !== 'file') return { skip: 'members that are no regular files (links, devices)' }
  const name = path.replace(/^(?:\.\/)+/, '')
  if (/__[^/]*__($|\/)/.test(name)) return { skip: 'members of metadata (__…__)' }
  const [, key, extension] = /^((?:.*\/)?[^./]+)\.([^/]+)$/s.exec(name) ?? []
  if (key === undefined || extension === undefined) return { skip: 'members without an extension' }
  return { key, extension: extension.toLowerCase() }
}

function corrupt(shard: string, offset: number, fault: TarFault): ShardexError {
  const { member, found, wanted } = fault
  const message = `${shard} cannot be read as a tar near byte ${offset}: found ${found}, wanted ${wanted}. Restore it from a copy, or unpack it first if it is compressed.`
  return new ShardexError('shard.corrupt', { shard, offset, sample: member, found, wanted }, { message, cause: fault })
}
