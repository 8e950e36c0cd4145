import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isShardexError, ShardexError } from '@shardex/errors'
import { parseSchemaRecord, type SampleType, sampleTypeFromRecord } from '@shardex/schema'
import { messageOf, sourceInvalid } from './sources/source-error.ts'
import { usageError } from './usage-error.ts'

/**
 * The sample type that a file describes: a schema record (`.json`), or a module that exports one.
 * @param exportName needed only if the module exports several
 * @throws {ShardexError} `storage.not_found`; `source.invalid`; `schema.invalid`; `usage.invalid`
 */
export async function loadSampleType(path: string, exportName?: string): Promise<SampleType> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new ShardexError('storage.not_found', { url: path }, { message: `cannot read ${path}: ${messageOf(cause)}`, cause })
  })
  if (extname(path).toLowerCase() === '.json') return fromRecord(path, text)
  const types = Object.entries(await load(path)).filter((member): member is [string, SampleType] => isSampleType(member[1]))
  const names = types.map(([name]) => name).join(', ')
  const chosen = exportName === undefined ? types : types.filter(([name]) => name === exportName)
  const [one, another] = chosen
  if (one === undefined) {
    throw sourceInvalid(path, {
      found: names === '' ? 'no sample type among its exports' : `the sample types ${names}`,
      wanted: exportName ?? 'an export made with defineSample()',
    })
  }
  if (another !== undefined) throw usageError('--export', `several sample types in ${path}`, `one of ${names}`)
  return one[1]
}

function fromRecord(path: string, text: string): SampleType {
  try {
    return sampleTypeFromRecord(parseSchemaRecord(text))
  } catch (cause) {
    if (!isShardexError(cause)) throw cause
    throw new ShardexError(cause.code, cause.details, { message: `${path}: ${cause.message}`, cause })
  }
}

async function load(path: string): Promise<object> {
  try {
    return (await import(pathToFileURL(path).href)) as object
  } catch (cause) {
    throw sourceInvalid(path, { found: messageOf(cause), wanted: 'a module that can be loaded', cause })
  }
}

/** By its shape: the module may have another copy of our package. */
function isSampleType(value: unknown): value is SampleType {
  return (
    typeof value === 'object' &&
    value !== null &&
    'typeName' in value &&
    'fields' in value &&
    'pack' in value &&
    'unpack' in value
  )
}
