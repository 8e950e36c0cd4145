import { open } from 'node:fs/promises'
import { extname } from 'node:path'
import { reading } from './file-failure.ts'
import { sourceInvalid } from './source-error.ts'

export type FileFormat = 'jsonl' | 'json' | 'csv' | 'tsv' | 'parquet' | 'tar'
export type Format = FileFormat | 'folder'

/** The formats that `--format` takes. */
export const FORMATS: readonly Format[] = ['folder', 'jsonl', 'json', 'csv', 'tsv', 'parquet', 'tar']

/** The format that a file name promises, if any. */
export function formatOfName(path: string): FileFormat | undefined {
  return BY_EXTENSION[extname(path).toLowerCase()]
}

/**
 * The format of a file: from its extension, else from its first bytes.
 * @throws {ShardexError} `source.invalid` if neither tells
 */
export async function detectFormat(path: string): Promise<FileFormat> {
  const start = await firstBytes(path, 512)
  if (start[0] === 0x1f && start[1] === 0x8b) throw unknown(path, 'gzip bytes', 'unpack it first (gunzip)')
  if (startsWith(start, [0x28, 0xb5, 0x2f, 0xfd])) throw unknown(path, 'zstd bytes', 'unpack it first (unzstd)')
  const named = formatOfName(path)
  if (named !== undefined) return named
  if (startsWith(start, Buffer.from('PAR1'))) return 'parquet'
  if (start.subarray(257, 262).toString('latin1') === 'ustar') return 'tar'
  const first = start.toString('utf8').trimStart().slice(0, 1)
  if (first === '{') return 'jsonl'
  if (first === '[') return 'json'
  throw unknown(path, 'a file of unknown format', 'say which with --format')
}

/** At most `count` bytes from the start of a file. @throws {ShardexError} `storage.denied` */
export function firstBytes(path: string, count: number): Promise<Buffer> {
  return reading(path, async () => {
    await using handle = await open(path)
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(count), 0, count, 0)
    return buffer.subarray(0, bytesRead)
  })
}

const BY_EXTENSION: Readonly<Record<string, FileFormat | undefined>> = {
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.json': 'json',
  '.csv': 'csv',
  '.tsv': 'tsv',
  '.parquet': 'parquet',
  '.tar': 'tar',
}

function startsWith(bytes: Uint8Array, magic: Iterable<number>): boolean {
  return [...magic].every((byte, index) => bytes[index] === byte)
}

function unknown(path: string, found: string, advice: string): Error {
  return sourceInvalid(path, { found, wanted: 'a folder, .jsonl, .json, .csv, .tsv, .parquet or .tar', advice })
}
