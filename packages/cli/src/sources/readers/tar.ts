import { basename } from 'node:path'
import { isShardexError } from '@shardex/errors'
import { readTarMembers } from '@shardex/repo'
import type { ReadOptions, Row, RowReader } from '../row-reader.ts'
import { assertSampleKey } from '../sample-key.ts'
import { sourceInvalid } from '../source-error.ts'
import { readChunks } from './read-chunks.ts'
import { addMember } from './tar-member.ts'

const MAX_SAMPLE_BYTES = 1024 ** 3

/**
 * A tar of samples as webdataset reads it: consecutive members that share what stands before the first dot of their name are one sample,
 * the rest of the name is the field.
 */
export function openTar(path: string, sizeBytes: number): RowReader {
  return {
    source: path,
    noun: `samples of ${basename(path)}`,
    sizeBytes,
    textCells: false,
    read: (options) => readRows(path, options),
  }
}

async function* readRows(path: string, options: ReadOptions | undefined): AsyncGenerator<Row> {
  let sample: Sample | undefined
  try {
    for await (const member of readTarMembers(readChunks(path, options), path, {
      signal: options?.signal,
      onSkip: options?.onSkip,
    })) {
      if (sample !== undefined && sample.key !== member.key) {
        yield sample.row
        sample = undefined
      }
      sample ??= { key: member.key, row: { __key__: assertSampleKey(member.key, path) }, bytes: 0 }
      sample.bytes += member.bytes.length
      if (sample.bytes > MAX_SAMPLE_BYTES) throw tooLarge(path, sample.key)
      addMember(path, sample.row, member, member.bytes)
    }
  } catch (error) {
    if (!isShardexError(error, 'shard.corrupt')) throw error
    const { found, wanted } = error.details
    const advice = 'a compressed tar has to be unpacked first (gunzip)'
    throw sourceInvalid(path, { found: `a tar that breaks off or is damaged (${found})`, wanted, advice, cause: error })
  }
  if (sample !== undefined) yield sample.row
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
