import { basename } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { isShardexError } from '@shardex/errors'
import { type Extract, extract } from 'tar-stream'
import type { ReadOptions, Row, RowReader } from '../row-reader.ts'
import { assertSampleKey } from '../sample-key.ts'
import { messageOf, sourceInvalid } from '../source-error.ts'
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
  const members = extract()
  // What fails in here destroys the extractor, so the loop below throws it; awaiting both would report it twice.
  pipeline(readChunks(path, options), members).catch(() => undefined)
  let sample: Sample | undefined
  try {
    for await (const member of members) {
      const name = splitName(member, options)
      if (name === undefined) {
        member.resume()
        continue
      }
      if (sample !== undefined && sample.key !== name.key) {
        yield sample.row
        sample = undefined
      }
      sample ??= { key: name.key, row: { __key__: assertSampleKey(name.key, path) }, bytes: 0 }
      addMember(path, sample.row, name, await readMember(path, member, sample))
    }
  } catch (error) {
    if (isShardexError(error) || options?.signal?.aborted) throw error
    const advice = 'a compressed tar has to be unpacked first (gunzip)'
    throw sourceInvalid(path, {
      found: `a tar that breaks off or is damaged (${messageOf(error)})`,
      wanted: 'a whole tar',
      advice,
      cause: error,
    })
  }
  if (sample !== undefined) yield sample.row
}

type Member = Extract extends AsyncIterable<infer Each> ? Each : never

interface Sample {
  readonly key: string
  readonly row: Record<string, unknown>
  bytes: number
}

/** Key and extension of a member, or `undefined` if webdataset would not see it. */
function splitName({ header }: Member, options: ReadOptions | undefined): { key: string; extension: string } | undefined {
  if (header.type === 'directory') return undefined
  const skip = (reason: string): undefined => {
    options?.onSkip?.(reason)
  }
  if (header.type !== 'file' && header.type !== 'contiguous-file')
    return skip('members that are no regular files (links, devices)')
  const name = header.name.replace(/^(?:\.\/)+/, '')
  if (/__[^/]*__(?:$|\/)/.test(name)) return skip('members of metadata (__…__)')
  const [, key, extension] = /^((?:.*\/)?[^./]+)\.([^/]+)$/s.exec(name) ?? []
  if (key === undefined || extension === undefined) return skip('members without an extension')
  return { key, extension: extension.toLowerCase() }
}

async function readMember(path: string, member: Member, sample: Sample): Promise<Uint8Array> {
  const sizeBytes = member.header.size
  sample.bytes += sizeBytes
  if (sample.bytes > MAX_SAMPLE_BYTES) {
    const found = `sample ${sample.key} of more than ${MAX_SAMPLE_BYTES} bytes`
    throw sourceInvalid(path, { found, wanted: 'samples that fit into memory', advice: 'split it' })
  }
  const chunks: Uint8Array[] = []
  for await (const chunk of member as AsyncIterable<Uint8Array>) chunks.push(chunk)
  return Buffer.concat(chunks)
}
