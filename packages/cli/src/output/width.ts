/**
 * How many columns of a terminal a text takes. Counted by what a reader sees as one character: letters with their accents are one,
 * ideographs and emoji two. Expects text without control characters.
 */
export function displayWidth(text: string): number {
  if (PLAIN.test(text)) return text.length
  let width = 0
  for (const { segment } of segmenter.segment(text)) width += graphemeWidth(segment)
  return width
}

/** The text itself if it fits into `width` columns, else its start and `…`. */
export function fit(text: string, width: number): string {
  if (displayWidth(text) <= width) return text
  let kept = ''
  let used = 0
  for (const { segment } of segmenter.segment(text)) {
    used += graphemeWidth(segment)
    if (used > width - 1) break
    kept += segment
  }
  return width > 0 ? `${kept}…` : ''
}

/** Filled up with spaces to `width` columns, cut if it is wider. */
export function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const fitted = fit(text, width)
  const space = ' '.repeat(Math.max(0, width - displayWidth(fitted)))
  return align === 'left' ? fitted + space : space + fitted
}

/** As lines of at most `width` columns, cut at spaces; a word that is wider stands alone. Any white space is one space. */
export function wrap(text: string, width: number): string[] {
  const [first = '', ...words] = text.trim().split(/\s+/)
  const lines = [first]
  for (const word of words) {
    const line = lines[lines.length - 1] as string
    if (displayWidth(line) + 1 + displayWidth(word) > Math.max(width, LEAST_WRAP_WIDTH)) lines.push(word)
    else lines[lines.length - 1] = `${line} ${word}`
  }
  return lines
}

/** In fewer columns than this nobody reads text. */
const LEAST_WRAP_WIDTH = 20

function graphemeWidth(grapheme: string): number {
  if (/^[\p{M}\p{Cf}]+$/u.test(grapheme)) return 0
  return WIDE.test(grapheme) ? 2 : 1
}

const PLAIN = /^[ -~]*$/
const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** East Asian Width W and F (Unicode Standard Annex 11) in blocks, and what is shown as an emoji. */
const WIDE =
  /\ufe0f|[\p{Emoji_Presentation}\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6b\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18d08}\u{1b000}-\u{1b2fb}\u{20000}-\u{3fffd}]/u
