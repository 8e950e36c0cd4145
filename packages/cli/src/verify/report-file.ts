import { type FileHandle, open } from 'node:fs/promises'
import { isShardexError } from '@shardex/errors'
import type { VerifyDepth } from '@shardex/repo'
import { readLines } from '../sources/readers/read-lines.ts'
import { toJson } from '../to-json.ts'
import { usageError } from '../usage-error.ts'
import type { VerifiedShard } from './verified.ts'

/** A shard by what it should be. */
export interface ShardId {
  readonly url: string
  readonly wantedSha256?: string | undefined
}

/**
 * What was found, shard by shard: one JSON object a line, on disk before the next shard is told. A run that is killed leaves at most the
 * beginning of a line behind, which the next run takes away.
 */
export interface ReportFile extends AsyncDisposable {
  /** Whether the file says of a shard of an entry that it is right, at this depth or deeper, and nothing else after that. */
  rightShards(cid: string, depth: VerifyDepth): Promise<(shard: ShardId) => boolean>
  append(entry: { readonly cid: string; readonly name: string }, id: ShardId, shard: VerifiedShard): Promise<void>
}

/** A line of the file, as far as it is read again. */
interface Line {
  readonly cid: string
  readonly shard: string
  readonly sha256?: string | undefined
  readonly proof: string
  readonly ok: boolean
}

/** `[start, end)` in the file. */
interface Span {
  readonly start: number
  end: number
}

const MAX_LINE_BYTES = 64 * 2 ** 20
const CHUNK_BYTES = 2 ** 16
const LINE_BEGINS = '{"cid":"'

/**
 * Open a report, or begin one. Of a report that is there only the place of each entry is kept in memory.
 * @throws {ShardexError} `usage.invalid` for a file that is something else; it is left as it is
 */
export async function openReportFile(path: string): Promise<ReportFile> {
  const file = await open(path, 'a+').catch((error: Error) => {
    throw usageError('--report', `${path} (${error.message})`, 'a file that can be written')
  })
  try {
    const { size } = await file.stat()
    const { spans, end } = await scan(file, size, path)
    if (end < size) await file.truncate(end)
    return {
      async rightShards(cid, depth) {
        const right = new Set<string>()
        for (const span of spans.get(cid) ?? []) {
          for await (const { bytes } of readLines(path, chunksOf(file, span), MAX_LINE_BYTES)) {
            const line = parseLine(bytes.toString())
            if (line === undefined) continue
            const key = keyOf(line.shard, line.sha256)
            if (!line.ok) right.delete(key)
            else if (depth === 'store' || line.proof !== 'store') right.add(key)
          }
        }
        return ({ url, wantedSha256 }) => right.has(keyOf(url, wantedSha256))
      },
      async append({ cid, name }, { url, wantedSha256 }, shard) {
        const { url: _, ok, proof, sha256: found, ...rest } = shard
        const line = { cid, name, shard: url, sha256: wantedSha256, ok, proof, found, ...rest, time: new Date() }
        await file.appendFile(`${toJson(line)}\n`)
        await file.datasync()
      },
      [Symbol.asyncDispose]: () => file.close(),
    }
  } catch (error) {
    await file.close()
    throw error
  }
}

/** Where the lines of each entry lie, and where the last whole line ends. */
async function scan(file: FileHandle, size: number, path: string): Promise<{ spans: Map<string, Span[]>; end: number }> {
  const spans = new Map<string, Span[]>()
  let end = 0
  try {
    for await (const { number, bytes } of readLines(path, chunksOf(file, { start: 0, end: size }), MAX_LINE_BYTES)) {
      const start = end
      const text = bytes.toString()
      if (start + bytes.length === size) {
        if (!text.startsWith(LINE_BEGINS.slice(0, text.length))) throw noReport(path, number)
        return { spans, end }
      }
      const line = parseLine(text)
      if (line === undefined) throw noReport(path, number)
      end = start + bytes.length + 1
      const known = spans.get(line.cid) ?? []
      const last = known.at(-1)
      if (last?.end === start) last.end = end
      else spans.set(line.cid, [...known, { start, end }])
    }
  } catch (error) {
    throw isShardexError(error, 'source.invalid') ? noReport(path, 'one') : error
  }
  return { spans, end }
}

async function* chunksOf(file: FileHandle, { start, end }: Span): AsyncGenerator<Buffer> {
  for (let position = start; position < end; ) {
    const length = Math.min(CHUNK_BYTES, end - position)
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, position)
    if (bytesRead === 0) return
    position += bytesRead
    yield buffer.subarray(0, bytesRead)
  }
}

function parseLine(text: string): Line | undefined {
  let line: unknown
  try {
    line = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof line !== 'object' || line === null) return undefined
  const { cid, shard, sha256, proof, ok } = line as Readonly<Record<string, unknown>>
  if (typeof cid !== 'string' || typeof shard !== 'string' || typeof proof !== 'string' || typeof ok !== 'boolean')
    return undefined
  return { cid, shard, proof, ok, ...(typeof sha256 === 'string' && { sha256 }) }
}

function keyOf(url: string, sha256: string | undefined): string {
  return `${sha256 ?? ''} ${url}`
}

function noReport(path: string, line: number | string): Error {
  return usageError('--report', `${path}, whose line ${line} is none of a report`, 'a new file, or the report of an earlier run')
}
