// A byte order mark is a character of the text like any other.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The text of `bytes[start, end)`, or `undefined` if that is not valid UTF-8. */
export function decodeText(bytes: Uint8Array, start: number, end: number): string | undefined {
  // Up to about this length a loop is faster than entering the engine's decoder.
  if (end - start <= 24) {
    let text = ''
    for (let at = start; at < end; at++) {
      const byte = bytes[at] as number
      if (byte >= 0x80) return decodeUtf8(bytes, start, end)
      text += String.fromCharCode(byte)
    }
    return text
  }
  return decodeUtf8(bytes, start, end)
}

function decodeUtf8(bytes: Uint8Array, start: number, end: number): string | undefined {
  try {
    return utf8.decode(new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start))
  } catch {
    return undefined
  }
}
