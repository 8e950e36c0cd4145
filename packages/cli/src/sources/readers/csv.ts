import { basename } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { CsvError, parse } from 'csv-parse'
import type { ReadOptions, Row, RowReader } from '../row-reader.ts'
import { messageOf, sourceInvalid } from '../source-error.ts'
import type { Delimiter } from './csv-delimiter.ts'
import { readChunks } from './read-chunks.ts'

const MAX_RECORD_CHARACTERS = 16 * 1024 * 1024

/** Comma, semicolon or tab separated values (RFC 4180) with a header row. An empty cell is a missing value. */
export function openCsv(path: string, sizeBytes: number, delimiter: Delimiter): RowReader {
  return {
    source: path,
    noun: `rows of ${basename(path)}`,
    sizeBytes,
    textCells: true,
    read: (options) => readRows(path, delimiter, options),
  }
}

async function* readRows(path: string, delimiter: string, options: ReadOptions | undefined): AsyncGenerator<Row> {
  const parser = parse({ bom: true, delimiter, max_record_size: MAX_RECORD_CHARACTERS, skip_empty_lines: true })
  // What fails in here destroys the parser, so the loop below throws it; awaiting both would report it twice.
  pipeline(assertUtf8(path, readChunks(path, options)), parser).catch(() => undefined)
  let header: readonly string[] | undefined
  try {
    for await (const record of parser as AsyncIterable<string[]>) {
      if (header === undefined) header = checkHeader(path, record)
      else yield rowOf(header, record)
    }
  } catch (error) {
    throw error instanceof CsvError ? explain(path, error) : error
  }
}

function rowOf(header: readonly string[], record: readonly string[]): Row {
  return Object.fromEntries(header.map((column, index) => [column, record[index] === '' ? undefined : record[index]]))
}

function checkHeader(path: string, header: readonly string[]): readonly string[] {
  const twice = header.find((column, index) => header.indexOf(column) !== index)
  if (twice === undefined) return header
  throw sourceInvalid(path, {
    found: `the column ${JSON.stringify(twice)} twice in the header`,
    wanted: 'columns with names of their own',
  })
}

function explain(path: string, error: CsvError): Error {
  const line = 'lines' in error ? `line ${String(error['lines'])}: ` : ''
  return sourceInvalid(path, {
    found: `${line}${messageOf(error)}`,
    wanted: 'as many cells in every row as in the header, quoted as RFC 4180 says',
    cause: error,
  })
}

async function* assertUtf8(path: string, chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let bytes = 0
  try {
    for await (const chunk of chunks) {
      decoder.decode(chunk, { stream: true })
      yield chunk
      bytes += chunk.byteLength
    }
    decoder.decode()
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause
    const found = `bytes that are no UTF-8 near byte ${bytes}`
    throw sourceInvalid(path, { found, wanted: 'text in UTF-8', advice: 'convert it with iconv', cause })
  }
}
