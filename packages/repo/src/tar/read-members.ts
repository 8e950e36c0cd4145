import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { isShardexError, ShardexError } from '@shardex/errors'
import { extract } from 'tar-stream'

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

/** A member must fit into memory; a header that claims more is taken for damage. */
const MAX_MEMBER_BYTES = 2 ** 31 - 1
/** Two blocks of zeros end a tar. */
const END_BYTES = 1024

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
  const members = extract()
  let position = 0
  let trailingZeros = 0
  const counted = async function* () {
    for await (const chunk of chunks) {
      position += chunk.length
      trailingZeros = countTrailingZeros(chunk, trailingZeros)
      yield chunk
    }
  }
  const feeding = pipeline(Readable.from(counted(), { objectMode: false }), members, { signal })
  feeding.catch(() => {}) // the loop below sees the same error
  try {
    for await (const member of members) {
      const { name, type, size } = member.header
      const cut = cutName(name, type)
      if ('skip' in cut) {
        if (type !== 'directory') onSkip?.(cut.skip)
        member.resume()
        continue
      }
      if (size > MAX_MEMBER_BYTES)
        throw corrupt(source, position, name, `a member of ${size} bytes`, `at most ${MAX_MEMBER_BYTES}`)
      const parts: Uint8Array[] = []
      for await (const part of member) parts.push(part as Uint8Array)
      yield { ...cut, bytes: parts.length === 1 ? parts[0]! : Buffer.concat(parts) }
    }
    await feeding
    // Without the zero blocks at its end a tar may have been cut between two members, which nothing else would show.
    if (trailingZeros < END_BYTES) throw corrupt(source, position, '', 'no end-of-archive blocks', 'a whole tar')
  } catch (error) {
    signal?.throwIfAborted()
    if (isShardexError(error)) throw error
    const found = error instanceof Error ? error.message : String(error)
    throw corrupt(source, position, '', found, 'a whole tar, not compressed', error)
  }
}

function cutName(path: string, type: string): { key: string; extension: string } | { skip: string } {
  if (type !== 'file' && type !== 'contiguous-file') return { skip: 'members that are no regular files (links, devices)' }
  const name = path.replace(/^(?:\.\/)+/, '')
  if (/__[^/]*__($|\/)/.test(name)) return { skip: 'members of metadata (__…__)' }
  const [, key, extension] = /^((?:.*\/)?[^./]+)\.([^/]+)$/s.exec(name) ?? []
  if (key === undefined || extension === undefined) return { skip: 'members without an extension' }
  return { key, extension: extension.toLowerCase() }
}

/** How many of the last bytes are zero, up to {@link END_BYTES}, after a chunk that followed `before` zeros. */
function countTrailingZeros(chunk: Uint8Array, before: number): number {
  let zeros = 0
  while (zeros < chunk.length && zeros < END_BYTES && chunk[chunk.length - 1 - zeros] === 0) zeros += 1
  return zeros === chunk.length ? before + zeros : zeros
}

function corrupt(shard: string, offset: number, sample: string, found: string, wanted: string, cause?: unknown): ShardexError {
  const message = `${shard} cannot be read as a tar near byte ${offset}: found ${found}, wanted ${wanted}. Restore it from a copy, or unpack it first if it is compressed.`
  return new ShardexError('shard.corrupt', { shard, offset, sample, found, wanted }, { message, cause })
}
