import { sourceInvalid } from '../source-error.ts'

export interface Line {
  /** From 1, as editors count. */
  readonly number: number
  readonly bytes: Buffer
}

/**
 * Lines without their line feed. At most one line of `maxBytes` is in memory.
 * @throws {ShardexError} `source.invalid` naming the first line that is longer
 */
export async function* readLines(source: string, chunks: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<Line> {
  let number = 1
  let begun: Buffer[] = []
  let begunBytes = 0
  for await (const chunk of chunks) {
    let start = 0
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
      const tail = chunk.subarray(start, end)
      start = end + 1
      if (begunBytes + tail.byteLength > maxBytes) throw lineTooLong(source, number, maxBytes)
      yield { number: number++, bytes: begun.length === 0 ? tail : Buffer.concat([...begun, tail]) }
      begun = []
      begunBytes = 0
    }
    if (start < chunk.byteLength) begun.push(chunk.subarray(start))
    begunBytes += chunk.byteLength - start
    if (begunBytes > maxBytes) throw lineTooLong(source, number, maxBytes)
  }
  if (begunBytes > 0) yield { number, bytes: Buffer.concat(begun) }
}

const LINE_FEED = 0x0a

function lineTooLong(source: string, number: number, maxBytes: number): Error {
  return sourceInvalid(source, {
    found: `line ${number} longer than ${maxBytes} bytes`,
    wanted: 'one JSON object a line',
    advice: 'if the file is one big JSON document, say --format json',
  })
}
