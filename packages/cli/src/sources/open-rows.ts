import type { Stats } from 'node:fs'
import { detectFormat, type FileFormat } from './detect-format.ts'
import { lookAt } from './look-at.ts'
import { openCsv } from './readers/csv.ts'
import { delimiterOf } from './readers/csv-delimiter.ts'
import { openJsonArray } from './readers/json-array.ts'
import { openJsonl } from './readers/jsonl.ts'
import { openParquet } from './readers/parquet.ts'
import { openTar } from './readers/tar.ts'
import type { RowReader } from './row-reader.ts'
import { sourceInvalid } from './source-error.ts'

/**
 * A file of rows in any format but a folder's.
 * @throws {ShardexError} `source.invalid` if the format cannot be told, or if it is a pipe or device, which cannot be read twice
 */
export async function openRows(path: string, format?: FileFormat): Promise<RowReader> {
  const found = await lookAt(path)
  if (!found.isFile()) throw noFile(path, found)
  const { size } = found
  switch (format ?? (await detectFormat(path))) {
    case 'jsonl':
      return openJsonl(path, size)
    case 'json':
      return openJsonArray(path, size)
    case 'csv':
      return openCsv(path, size, await delimiterOf(path))
    case 'tsv':
      return openCsv(path, size, '\t')
    case 'parquet':
      return await openParquet(path, size)
    case 'tar':
      return openTar(path, size)
  }
}

function noFile(path: string, found: Stats): Error {
  const what = found.isDirectory() ? 'a folder' : found.isFIFO() ? 'a pipe' : found.isSocket() ? 'a socket' : 'a device'
  const wanted = 'a regular file, which can be read more than once'
  return sourceInvalid(path, { found: what, wanted, advice: found.isDirectory() ? undefined : 'save it to a file first' })
}
