import type { Random } from '../random.ts'
import type { Mutate } from '../target.ts'

const MAX_CHARACTERS = 64 * 1024

/** Changes text by the tokens of its grammar and by characters that any text may hold. */
export function mutateTextWith(tokens: readonly string[]): Mutate<string> {
  return (random, input, corpus) => {
    let text = input
    do text = change(text, random, tokens, corpus).slice(0, MAX_CHARACTERS)
    while (!random.oneIn(3))
    return text
  }
}

const HOSTILE = [
  ...[
    '\0',
    '\n',
    '\r',
    '\t',
    ' ',
    '\\',
    '/',
    '..',
    '.',
    '@',
    '#',
    '?',
    '%',
    '%00',
    '%0a',
    '%2e%2e',
    '%2F',
    '%',
    '%zz',
    '\x7f',
    '\x85',
  ],
  ...[
    'é',
    'e\u0301',
    '\u202e',
    '\ufeff',
    '\u2028',
    '\ud800',
    '\udc00',
    '😀',
    '𝟜',
    'ﬁ',
    'İ',
    'K',
    '__proto__',
    'constructor',
    '-',
    '-0',
  ],
  ...['0', '1', '00', '9007199254740991', '9007199254740993', '18446744073709551616', '1e400', 'NaN', '-1'],
]

function change(text: string, random: Random, tokens: readonly string[], corpus: readonly string[]): string {
  const at = random.below(text.length + 1)
  const end = Math.min(text.length, at + random.below(random.oneIn(4) ? text.length + 1 : 4))
  const part = random.oneIn(3) ? random.pick(tokens) : text.slice(at, end)
  switch (random.below(7)) {
    case 0:
      return text.slice(0, at) + text.slice(end)
    case 1:
      return text.slice(0, at) + random.pick(HOSTILE) + text.slice(end)
    case 2:
      return text.slice(0, at) + String.fromCharCode(random.below(random.oneIn(4) ? 0x1_0000 : 0x80)) + text.slice(at + 1)
    case 3: {
      const times = random.oneIn(4) ? Math.min(10_000, Math.floor(MAX_CHARACTERS / (part.length + 1))) : 1 + random.below(8)
      return text.slice(0, at) + part.repeat(times) + text.slice(at)
    }
    case 4: {
      const other = random.pick(corpus)
      return text.slice(0, at) + other.slice(random.below(other.length + 1))
    }
    default:
      return text.slice(0, at) + random.pick(tokens) + text.slice(random.oneIn(2) ? at : end)
  }
}
