import { sourceInvalid } from '../source-error.ts'

/** UTF-8 bytes as text, without a byte order mark. @throws {ShardexError} `source.invalid` naming `where` */
export function decodeText(source: string, bytes: Uint8Array, where: string): string {
  try {
    return decoder.decode(bytes)
  } catch (cause) {
    throw sourceInvalid(source, {
      found: `${where} with bytes that are no UTF-8`,
      wanted: 'text in UTF-8',
      advice: 'convert it with iconv',
      cause,
    })
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true })
