import { stat } from 'node:fs/promises'
import { detectFormat, type FileFormat } from './detect-format.ts'
import { openCsv } from './readers/csv.ts'
import { openJsonArray } from './readers/json-array.ts'
import { openJsonl } from './readers/jsonl.ts'
import { openParquet } from './readers/parquet.ts'
import { openTar } from './readers/tar.ts'
import type { RowReader } from './row-reader.ts'

/** A file of rows in any format but a folder's. @throws {ShardexError} `source.invalid` if the format cannot be told */
export async function openRows(path: string, format?: FileFormat): Promise<RowReader> {
  const { size } = await stat(path)
  switch (format ?? (await detectFormat(path))) {
    case 'jsonl':
      return openJsonl(path, size)
    case 'json':
      return openJsonArray(path, size)
    case 'csv':
      return openCsv(path, size, ',')
    case 'tsv':
      return openCsv(path, size, '\t')
    case 'parquet':
      return await openParquet(path, size)
    case 'tar':
      return openTar(path, size)
  }
}
