import { isShardexError } from '@shardex/errors'
import { readTarMembers, type TarMember } from '@shardex/repo'
import type { ReadOptions, Row, RowReader } from '../row-reader.ts'
import { assertSampleKey } from '../sample-key.ts'
import { sourceInvalid } from '../source-error.ts'
import { fileRows } from './file-rows.ts'
import { readChunks } from './read-chunks.ts'
import { findShardIndex, ShardCheck } from './shard-index.ts'
import { addMember } from './tar-member.ts'

const MAX_SAMPLE_BYTES = 1024 ** 3

/**
 * A tar of samples as webdataset reads it: consecutive members that share what stands before the first dot of their name are one sample,
 * the rest of the name is the field. One of our own shards, with its offset index beside it, is checked against that.
 */
export function openTar(path: string, sizeBytes: number): RowReader {
  return fileRows(path, sizeBytes, 'samples', (options) => readRows(path, sizeBytes, options))
}

async function* readRows(path: string, sizeBytes: number, options: ReadOptions | undefined): AsyncGenerator<Row> {
  const index = await findShardIndex(path, sizeBytes)
  const check = index && new ShardCheck(path, index)
  let sample: Sample | undefined
  for await (const member of readMembers(path, options)) {
    check?.next(member)
    if (sample !== undefined && sample.key !== member.key) {
      yield sample.row
      sample = undefined
    }
    sample ??= { key: member.key, row: { __key__: assertSampleKey(member.key, path) }, bytes: 0 }
    sample.bytes += member.bytes.length
    if (sample.bytes > MAX_SAMPLE_BYTES) throw tooLarge(path, sample.key)
    addMember(path, sample.row, member, member.bytes)
  }
  check?.end()
  if (sample !== undefined) yield sample.row
}

async function* readMembers(path: string, options: ReadOptions | undefined): AsyncGenerator<TarMember> {
  try {
    yield* readTarMembers(readChunks(path, options), path, { signal: options?.signal, onSkip: options?.onSkip })
  } catch (error) {
    if (!isShardexError(error, 'shard.corrupt')) throw error
    const { found, wanted } = error.details
    const advice = 'a compressed tar has to be unpacked first (gunzip)'
    throw sourceInvalid(path, { found: `a tar that breaks off or is damaged (${found})`, wanted, advice, cause: error })
  }
}

interface Sample {
  readonly key: string
  readonly row: Record<string, unknown>
  bytes: number
}

function tooLarge(path: string, key: string): unknown {
  const found = `sample ${key} of more than ${MAX_SAMPLE_BYTES} bytes`
  return sourceInvalid(path, { found, wanted: 'samples that fit into memory', advice: 'split it' })
}
