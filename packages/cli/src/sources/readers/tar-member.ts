import { decodeArray, decodeMsgpack } from '@shardex/schema'
import { parseJson } from '../json-text.ts'
import { messageOf, sourceInvalid } from '../source-error.ts'
import { decodeText } from './decode-text.ts'

/**
 * Puts one member of a tar into the row of its sample: maps (`.json`, `.msgpack`) are laid out into their entries, text, class numbers and
 * arrays are decoded, everything else stays bytes under its extension.
 * @throws {ShardexError} `source.invalid` if a field is there already, or the member is not what its extension says
 */
export function addMember(
  source: string,
  row: Record<string, unknown>,
  name: { key: string; extension: string },
  bytes: Uint8Array,
): void {
  const where = `${name.key}.${name.extension}`
  const value = decodeMember(source, where, name.extension, bytes)
  const fields = isMap(value) && MAPS.has(name.extension) ? Object.entries(value) : [[name.extension, value] as const]
  for (const [field, content] of fields) {
    if (Object.hasOwn(row, field)) {
      throw sourceInvalid(source, {
        found: `${where} with ${JSON.stringify(field)}, which its sample already has`,
        wanted: 'every extension and every entry once in a sample',
      })
    }
    row[field] = content
  }
}

function decodeMember(source: string, where: string, extension: string, bytes: Uint8Array): unknown {
  if (extension === 'json') return decode(source, where, () => parseJson(decodeText(source, bytes, where)), 'JSON')
  if (extension === 'msgpack' || extension === 'mp') return decode(source, where, () => decodeMsgpack(bytes), 'msgpack')
  if (extension === 'npy') return decode(source, where, () => decodeArray(bytes), 'a .npy array')
  if (TEXTS.has(extension)) return decodeText(source, bytes, where)
  if (!CLASSES.has(extension)) return bytes
  const text = decodeText(source, bytes, where).trim()
  return /^-?\d{1,19}$/.test(text) ? BigInt(text) : text
}

function decode(source: string, where: string, read: () => unknown, format: string): unknown {
  try {
    return read()
  } catch (cause) {
    throw sourceInvalid(source, {
      found: `${where} that is not ${format} (${messageOf(cause)})`,
      wanted: 'what its extension says',
      cause,
    })
  }
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
}

const MAPS: ReadonlySet<string> = new Set(['json', 'msgpack', 'mp'])
const TEXTS: ReadonlySet<string> = new Set(['txt', 'text', 'transcript'])
const CLASSES: ReadonlySet<string> = new Set(['cls', 'cls2', 'index', 'inx', 'id'])
