import { describe } from '@shardex/errors'
import { parseJson } from '../json-text.ts'
import type { ReadOptions, Row, RowReader } from '../row-reader.ts'
import { messageOf, sourceInvalid } from '../source-error.ts'
import { decodeText } from './decode-text.ts'
import { fileRows } from './file-rows.ts'
import { asRow } from './jsonl.ts'
import { readChunks } from './read-chunks.ts'

/** JSON has to be parsed whole, and parsed values take several times the memory of the text. */
const MAX_BYTES = 256 * 1024 * 1024

/** One JSON document: an array of objects. Read whole into memory, so bounded; JSONL is not. */
export function openJsonArray(path: string, sizeBytes: number): RowReader {
  return fileRows(path, sizeBytes, 'rows', (options) => readRows(path, options))
}

async function* readRows(path: string, options: ReadOptions | undefined): AsyncGenerator<Row> {
  const rows = await parseWhole(path, options)
  for (const [index, row] of rows.entries()) {
    options?.signal?.throwIfAborted()
    yield asRow(path, row, `element ${index}`)
  }
}

async function parseWhole(path: string, options: ReadOptions | undefined): Promise<readonly unknown[]> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of readChunks(path, options)) {
    bytes += chunk.byteLength
    if (bytes > MAX_BYTES) {
      const found = `a JSON document of more than ${MAX_BYTES} bytes`
      throw sourceInvalid(path, {
        found,
        wanted: 'at most that much in one document',
        advice: 'convert it to JSONL (jq -c ".[]")',
      })
    }
    chunks.push(chunk)
  }
  const text = decodeText(path, Buffer.concat(chunks), 'a document')
  const value = parseDocument(path, text)
  if (Array.isArray(value)) return value
  throw sourceInvalid(path, { found: `${describe(value)} at the top`, wanted: 'an array of objects' })
}

function parseDocument(path: string, text: string): unknown {
  try {
    return parseJson(text)
  } catch (cause) {
    const advice = 'if it has one object a line, say --format jsonl'
    throw sourceInvalid(path, {
      found: `text that is not JSON (${messageOf(cause)})`,
      wanted: 'an array of objects',
      advice,
      cause,
    })
  }
}
