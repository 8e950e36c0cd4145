import { basename } from 'node:path'
import { describe, ShardexError } from '@shardex/errors'
import { formatCount } from '../output/units.ts'
import type { Column } from './inference/column.ts'
import { convert } from './inference/convert.ts'
import { startInference } from './inference/infer.ts'
import { sampleTypeOf } from './inference/sample-type.ts'
import type { ReadOptions, Row, RowReader } from './row-reader.ts'
import { assertSampleKey } from './sample-key.ts'
import { schemaNameOf } from './schema-name.ts'
import type { SampleSource, SourceOptions, SourceSample } from './source.ts'
import { messageOf, sourceInvalid } from './source-error.ts'

/**
 * Rows as typed samples. Unless the file declares its types, it is read once through first: the types then hold for every row, which no
 * look at the first thousand can promise.
 */
export async function openTypedRows(reader: RowReader, options: SourceOptions): Promise<SampleSource> {
  const { columns, rowCount, notices } = await learn(reader, options)
  if (rowCount === 0) {
    const message = `${reader.source} holds no rows; a dataset needs at least one sample`
    throw new ShardexError('dataset.empty', { dataset: reader.source }, { message })
  }
  return {
    type: sampleTypeOf(options.schemaName ?? schemaNameOf(reader.source), columns),
    sampleCount: rowCount,
    describe: `${formatCount(rowCount)} ${rowCount === 1 ? reader.noun.replace(/^(row|sample)s\b/, '$1') : reader.noun}`,
    notices,
    samples: { [Symbol.asyncIterator]: () => readSamples(reader, columns, rowCount, options.signal) },
    // Files are open only while they are iterated.
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}

/** The fields of one row. @throws {ShardexError} `source.invalid` naming row and column */
export function fieldsOf(source: string, row: Row, columns: readonly Column[], where: string): Record<string, unknown> {
  const fields: Record<string, unknown> = {}
  for (const { column, field, kind, optional } of columns) {
    const value = Object.hasOwn(row, column) ? row[column] : undefined
    if (value === undefined || value === null) {
      if (optional) continue
      throw changed(source, where, column, 'no value')
    }
    try {
      fields[field] = convert(value, kind)
    } catch (cause) {
      throw changed(source, where, column, messageOf(cause), cause)
    }
  }
  return fields
}

interface Learned {
  readonly columns: readonly Column[]
  readonly rowCount: number
  readonly notices: readonly string[]
}

async function learn(reader: RowReader, options: SourceOptions): Promise<Learned> {
  const limit = options.limit ?? Number.POSITIVE_INFINITY
  if (reader.columns !== undefined && reader.rowCount !== undefined) {
    return { columns: reader.columns, rowCount: Math.min(reader.rowCount, limit), notices: [] }
  }
  const inference = startInference(reader.source, reader.textCells)
  const skipped = new Map<string, number>()
  let doneBytes = 0
  const passOptions: ReadOptions = {
    signal: options.signal,
    onBytes: (bytes) => {
      doneBytes += bytes
      options.onProgress?.(doneBytes, reader.sizeBytes)
    },
    onSkip: (reason) => skipped.set(reason, (skipped.get(reason) ?? 0) + 1),
  }
  if (limit > 0) {
    for await (const row of reader.read(passOptions)) {
      inference.add(row)
      if (inference.rowCount === limit) break
    }
  }
  if (inference.rowCount === 0) return { columns: [], rowCount: 0, notices: [] }
  const { columns, notices } = inference.columns()
  const skips = [...skipped].map(([reason, count]) => `${reason}: ${formatCount(count)} skipped`)
  return { columns, rowCount: inference.rowCount, notices: [...skips, ...notices] }
}

async function* readSamples(
  reader: RowReader,
  columns: readonly Column[],
  rowCount: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<SourceSample> {
  let index = 0
  for await (const row of reader.read({ signal })) {
    const where = `row ${index + 1}`
    const key = keyOf(reader.source, row, where)
    yield { ...(key !== undefined && { __key__: key }), ...fieldsOf(reader.source, row, columns, where) }
    if (++index === rowCount) return
  }
  throw changed(basename(reader.source), `after row ${index}`, undefined, `the end, ${rowCount - index} rows early`)
}

/** The row's own key. One that brings none gets it when it is written: what it may be depends on the layout. */
function keyOf(source: string, row: Row, where: string): string | undefined {
  const own = Object.hasOwn(row, '__key__') ? row['__key__'] : undefined
  if (own === undefined || own === null) return undefined
  if (typeof own === 'string' || typeof own === 'number' || typeof own === 'bigint')
    return assertSampleKey(String(own), `${where} of ${source}`)
  throw sourceInvalid(source, { found: `${where} with ${describe(own)} as its __key__`, wanted: 'a text or a number' })
}

function changed(source: string, where: string, column: string | undefined, found: string, cause?: unknown): Error {
  return sourceInvalid(source, {
    found: `${where}${column === undefined ? '' : `, column ${JSON.stringify(column)}`}: ${found}`,
    wanted: 'what the first reading of the file found there',
    advice: 'was the file changed meanwhile? Start again',
    cause,
  })
}
