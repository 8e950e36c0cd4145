/**
 * Text from data, safe to show on a terminal: control characters (which could move the cursor, retitle the window or hide text), line
 * breaks and characters that turn the reading direction are spelled out as `\x1b` or `\u202e`.
 */
export function printable(text: string): string {
  return text.toWellFormed().replace(UNSAFE, (character) => {
    const code = character.codePointAt(0) as number
    return SHORT[character] ?? (code < 0x100 ? `\\x${hex(code, 2)}` : `\\u${code > 0xffff ? `{${hex(code, 5)}}` : hex(code, 4)}`)
  })
}

// Cc: controls; Zl, Zp: line and paragraph separators; the rest: bidi controls, invisible fillers, tags.
const UNSAFE = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu

const SHORT: Readonly<Record<string, string | undefined>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0')
}
