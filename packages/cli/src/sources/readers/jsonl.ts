import { describe } from '@shardex/errors'
import { parseJson } from '../json-text.ts'
import type { ReadOptions, Row, RowReader } from '../row-reader.ts'
import { messageOf, sourceInvalid } from '../source-error.ts'
import { decodeText } from './decode-text.ts'
import { fileRows } from './file-rows.ts'
import { readChunks } from './read-chunks.ts'
import { readLines } from './read-lines.ts'

const MAX_LINE_BYTES = 64 * 1024 * 1024

/** JSON Lines: one object a line, blank lines between them allowed. */
export function openJsonl(path: string, sizeBytes: number): RowReader {
  return fileRows(path, sizeBytes, 'rows', (options) => readRows(path, options))
}

/** A parsed value as a row. @throws {ShardexError} `source.invalid` naming `where` unless it is an object */
export function asRow(source: string, value: unknown, where: string): Row {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Row
  throw sourceInvalid(source, { found: `${describe(value)} at ${where}`, wanted: 'an object with one value per field' })
}

async function* readRows(path: string, options: ReadOptions | undefined): AsyncGenerator<Row> {
  for await (const { number, bytes } of readLines(path, readChunks(path, options), MAX_LINE_BYTES)) {
    const where = `line ${number}`
    const text = decodeText(path, bytes, where)
    if (text.trim() === '') continue
    yield asRow(path, parseLine(path, text, where), where)
  }
}

function parseLine(path: string, text: string, where: string): unknown {
  try {
    return parseJson(text)
  } catch (cause) {
    // The parser counts lines, too, and has seen only this one.
    const fault = messageOf(cause).replace(/ \(line \d+ column \d+\)$/, '')
    throw sourceInvalid(path, {
      found: `${where} that is not JSON (${fault})`,
      wanted: 'one JSON object a line',
      cause,
    })
  }
}
