import { NDArray } from '@shardex/schema'
import { formatBytes } from './output/units.ts'
import { toJson } from './to-json.ts'

const MAX_TEXT = 200

/** What a field of a sample holds, in one short line for a person. */
export function describeValue(value: unknown): string {
  if (value === undefined || value === null) return '—'
  if (typeof value === 'string')
    return value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}… (${value.length} characters)` : value
  if (typeof value === 'bigint') return String(value)
  if (value instanceof NDArray) return `ndarray ${dtypeName(value.dtype)} [${value.shape.join(', ')}]`
  if (value instanceof Uint8Array)
    return [mediaType(value), formatBytes(value.length)].filter((part) => part !== undefined).join(', ')
  const text = typeof value === 'number' ? String(value) : toJson(value)
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text
}

/** As schemas spell it: `uint8` for `|u1`. What is not in the usual byte order stays as it is. */
function dtypeName(protocol: string): string {
  const [, kind = '', sizeBytes] = /^[|<]([biufc])(\d+)$/.exec(protocol) ?? []
  if (kind === '') return protocol
  return kind === 'b' ? 'bool' : `${KINDS[kind]}${Number(sizeBytes) * 8}`
}

const KINDS: Readonly<Record<string, string>> = { i: 'int', u: 'uint', f: 'float', c: 'complex' }

/** `png 64×64`: what the first bytes say, without believing that they are whole. */
function mediaType(bytes: Uint8Array): string | undefined {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 32)).toString('latin1')
  const type = MAGIC.find(([magic]) => magic.test(start))?.[1]
  // The size stands in the first chunk, which is always IHDR (PNG specification, 11.2.1).
  if (type !== 'png' || bytes.length < 24) return type
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  return `png ${view.getUint32(16)}×${view.getUint32(20)}`
}

const MAGIC: readonly (readonly [RegExp, string])[] = [
  [/^\x89PNG\r\n.\n/s, 'png'],
  [/^\xff\xd8\xff/, 'jpeg'],
  [/^GIF8/, 'gif'],
  [/^RIFF.{4}WEBP/s, 'webp'],
  [/^RIFF.{4}WAVE/s, 'wav'],
  [/^fLaC/, 'flac'],
  [/^OggS/, 'ogg'],
  [/^\x93NUMPY/, 'npy'],
  [/^%PDF-/, 'pdf'],
]
