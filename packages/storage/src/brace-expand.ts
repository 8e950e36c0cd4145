import { ShardexError } from '@shardex/errors'

export interface ExpandOptions {
  /** Refuse to make more strings than this. Default 1,000,000. */
  readonly limit?: number | undefined
}

const DEFAULT_LIMIT = 1_000_000
/** Of all strings together, so that a short pattern cannot ask for unbounded memory or time. */
const MAX_TOTAL_CHARACTERS = 2 ** 28
/** How often as many strings as the limit may be made anew while the pattern is read. A prefix, a full range and a suffix take three. */
const MAX_STEPS = 16

/**
 * Expand braces as bash and Python's `braceexpand` do: `{000..002}`, `{0..10..5}`, `{c..a}`, `{a,b}`, nested and side by side.
 * `{b}` and `{}` stay as they are; a backslash takes the meaning from the next character.
 * @throws {ShardexError} `url.invalid` for unbalanced braces or more strings than the limit
 */
export function expandBraces(pattern: string, { limit = DEFAULT_LIMIT }: ExpandOptions = {}): string[] {
  const make = expanderOf(pattern, limit)
  const outer: Group[] = []
  let group = groupAt(0)
  for (let i = 0; i < pattern.length; ) {
    const plain = plainRunAt(pattern, i, outer.length > 0)
    i = plain.end
    if (plain.text !== '') group.current = make.product(group.current, only(plain.text))
    else if (pattern[i] === '{') {
      outer.push(group)
      group = groupAt(++i)
    } else if (pattern[i] === ',') {
      group.finished = make.union(group.finished ?? nothing(), group.current)
      group.current = only('')
      i++
    } else {
      const parent = outer.pop()
      if (parent === undefined) throw invalid(pattern, 'a } without {', 'balanced braces')
      parent.current = make.product(parent.current, meaningOf(group, pattern.slice(group.start, i), make))
      group = parent
      i++
    }
  }
  if (outer.length > 0) throw invalid(pattern, 'a { without }', 'balanced braces')
  return group.current.strings
}

interface Expansion {
  readonly strings: string[]
  /** Of all strings. */
  readonly characters: number
}

/** An open brace, or the whole pattern. */
interface Group {
  readonly start: number
  /** The alternatives before the last comma, if there was one. */
  finished: Expansion | undefined
  /** The alternative being read. */
  current: Expansion
}

interface Expander {
  /** Every string of the left followed by every string of the right. */
  product(left: Expansion, right: Expansion): Expansion
  /** The left with the right added to it, in place. */
  union(left: Expansion, right: Expansion): Expansion
  /** `text` as a range of numbers or letters, if it is one. */
  range(text: string): Expansion | undefined
}

const nothing = (): Expansion => ({ strings: [], characters: 0 })
const only = (text: string): Expansion => ({ strings: [text], characters: text.length })

function groupAt(start: number): Group {
  return { start, finished: undefined, current: only('') }
}

function meaningOf(group: Group, text: string, make: Expander): Expansion {
  if (group.finished !== undefined) return make.union(group.finished, group.current)
  return make.range(text) ?? make.product(only('{'), make.product(group.current, only('}')))
}

/** The characters up to the next one with a meaning, without their escapes. A comma means something only inside braces. */
function plainRunAt(pattern: string, start: number, insideBraces: boolean): { text: string; end: number } {
  let text = ''
  let i = start
  for (; i < pattern.length; i++) {
    const character = pattern[i]!
    if (character === '{' || character === '}' || (character === ',' && insideBraces)) break
    text += character === '\\' && i + 1 < pattern.length ? pattern[++i]! : character
  }
  return { text, end: i }
}

/** Sizes are checked before anything is made. */
function expanderOf(pattern: string, limit: number): Expander {
  // What is only lengthened, again and again, is bounded by nothing else.
  let made = 0

  function assertSize(count: number, characters: number): void {
    made += count
    if (made > MAX_STEPS * limit + 4 * pattern.length)
      throw invalid(pattern, 'too many braces beside so many strings', `fewer braces, or fewer than ${limit} strings`)
    if (count > limit) throw invalid(pattern, `${count} strings or more`, `at most ${limit}`)
    if (characters > MAX_TOTAL_CHARACTERS)
      throw invalid(pattern, `${characters} characters`, `at most ${MAX_TOTAL_CHARACTERS} in all`)
  }

  return {
    product(left, right) {
      const characters = left.characters * right.strings.length + right.characters * left.strings.length
      assertSize(left.strings.length * right.strings.length, characters)
      return { strings: left.strings.flatMap((head) => right.strings.map((tail) => head + tail)), characters }
    },
    union(left, right) {
      const characters = left.characters + right.characters
      assertSize(left.strings.length + right.strings.length, characters)
      for (const one of right.strings) left.strings.push(one)
      return { strings: left.strings, characters }
    },
    range(text) {
      const range = parseRange(text)
      if (range === undefined) return undefined
      if (!Number.isSafeInteger(range.start) || !Number.isSafeInteger(range.end))
        throw invalid(pattern, `the range ${text}`, 'numbers below 2^53')
      const count = Math.floor(Math.abs(range.end - range.start) / range.step) + 1
      const longest = Math.max(range.width, String(range.start).length, String(range.end).length)
      assertSize(count, count * longest)
      const stride = range.end < range.start ? -range.step : range.step
      return {
        strings: Array.from({ length: count }, (_, i) => range.show(range.start + i * stride)),
        characters: count * longest,
      }
    },
  }
}

interface Range {
  readonly start: number
  readonly end: number
  readonly step: number
  /** Numbers are filled up with zeros to so many characters, the sign included. */
  readonly width: number
  show(value: number): string
}

/** Letters count in this order, so that `{Z..a}` is two of them. */
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

function parseRange(text: string): Range | undefined {
  const [, from, to, by] = /^(-?\d+|[A-Za-z])\.\.(-?\d+|[A-Za-z])(?:\.\.-?(\d+))?$/.exec(text) ?? []
  if (from === undefined || to === undefined) return undefined
  const step = Number(by ?? 1) || 1
  const [first, last] = [LETTERS.indexOf(from), LETTERS.indexOf(to)]
  if (first >= 0 && last >= 0) return { start: first, end: last, step, width: 1, show: (value) => LETTERS[value]! }
  if (first >= 0 || last >= 0) return undefined
  const isPadded = [from, to].some((end) => /^-?0\d/.test(end))
  const width = isPadded ? Math.max(from.length, to.length) : 0
  return { start: Number(from), end: Number(to), step, width, show: (value) => padded(value, width) }
}

function padded(value: number, width: number): string {
  return value < 0 ? `-${String(-value).padStart(width - 1, '0')}` : String(value).padStart(width, '0')
}

function invalid(pattern: string, found: string, wanted: string): ShardexError {
  const url = pattern.length > 100 ? `${pattern.slice(0, 100)}…` : pattern
  return new ShardexError('url.invalid', { url, found, wanted }, { message: `pattern ${url} has ${found}; wanted ${wanted}` })
}
