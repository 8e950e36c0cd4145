import { ShardexError } from '@shardex/errors'
import { openFolder } from './folder/open-folder.ts'
import { lookAt } from './look-at.ts'
import { openRows } from './open-rows.ts'
import type { SampleSource, SourceOptions } from './source.ts'
import { openTypedRows } from './typed-rows.ts'

/**
 * Somebody's files as typed samples: a folder of files, or a JSONL, JSON, CSV, TSV, Parquet or tar file. Types are inferred from all of it
 * (Parquet declares them), so that every sample fits. Nothing is copied or changed.
 * @throws {ShardexError} `storage.not_found`; `storage.denied`; `dataset.empty`; `source.invalid` naming the file and the place in it;
 * `key.invalid` and `key.duplicate` for files whose names make no keys; `usage.invalid` for options that do not go with the path
 */
export async function openSource(path: string, options: SourceOptions = {}): Promise<SampleSource> {
  options.signal?.throwIfAborted()
  const isFolder = (await lookAt(path)).isDirectory()
  const { format = isFolder ? 'folder' : undefined } = options
  if (isFolder !== (format === 'folder')) {
    throw misused(
      '--format',
      String(format),
      isFolder ? 'folder, since the path is one' : 'the format of a file, since the path is one',
    )
  }
  if (options.limit !== undefined && !(Number.isSafeInteger(options.limit) && options.limit > 0)) {
    throw misused('--limit', String(options.limit), 'a whole number above 0')
  }
  if (format === 'folder') return await openFolder(path, options)
  if (options.labels !== undefined)
    throw misused('--labels', options.labels, 'a folder of files to go with it; the rows of a file carry their labels')
  return await openTypedRows(await openRows(path, format), options)
}

function misused(argument: string, found: string, wanted: string): Error {
  return new ShardexError('usage.invalid', { argument, found, wanted }, { message: `${argument} is ${found}, wanted ${wanted}` })
}
