import { usageError } from '../usage-error.ts'

/** A question as `dataset.query` takes it; whether the fields are there and of these kinds, is for it to say. */
export type WhereText = Readonly<Record<string, unknown>>

interface Token {
  readonly kind: 'word' | 'text' | 'number' | 'sign' | 'end'
  readonly text: string
  readonly value?: string | number | bigint | undefined
  /** In the whole, from 0 on. */
  readonly at: number
}

const TOKEN =
  /\s*(?:(?<sign><=|>=|!=|==|[=<>(),])|(?<quoted>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(?<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.]))|(?<word>[\p{ID_Start}_][\p{ID_Continue}.-]*))/uy
const SIGNS: Readonly<Record<string, string>> = {
  '=': 'eq',
  '==': 'eq',
  '!=': 'ne',
  '<': 'lt',
  '<=': 'lte',
  '>': 'gt',
  '>=': 'gte',
}
const WORDS = new Set(['and', 'or', 'not', 'in', 'has', 'exists'])
const MAX_LENGTH = 100_000
const MAX_DEPTH = 32

/**
 * `label = 3 and (score >= 0.5 or not tags has 'x') and split in (train, "a b") and note exists`. Text without spaces needs no quotes; `and` binds more
 * than `or`, `not` more than both.
 * @throws {ShardexError} `usage.invalid`, saying where
 */
export function parseWhere(text: string): WhereText {
  if (text.length > MAX_LENGTH) throw usageError('<where>', `${text.length} characters`, `at most ${MAX_LENGTH}`)
  const parser = new Parser(tokensOf(text))
  const where = parser.any(0)
  parser.expectEnd()
  return where
}

class Parser {
  readonly #tokens: readonly Token[]
  #place = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  any(depth: number): WhereText {
    return this.#joined('or', depth, () => this.#joined('and', depth, () => this.#one(depth)))
  }

  expectEnd(): void {
    if (this.#next.kind !== 'end') throw this.#refuse('and, or, or the end')
  }

  #joined(word: 'and' | 'or', depth: number, part: () => WhereText): WhereText {
    if (depth > MAX_DEPTH) throw this.#refuse(`at most ${MAX_DEPTH} levels`)
    const parts = [part()]
    while (this.#takeWord(word)) parts.push(part())
    return parts.length === 1 ? parts[0]! : { [word]: parts }
  }

  #one(depth: number): WhereText {
    if (depth > MAX_DEPTH) throw this.#refuse(`at most ${MAX_DEPTH} levels`)
    if (this.#takeWord('not')) return { not: this.#one(depth + 1) }
    if (this.#takeSign('(')) {
      const where = this.any(depth + 1)
      if (!this.#takeSign(')')) throw this.#refuse('a closing bracket')
      return where
    }
    const { kind, text } = this.#next
    if (kind !== 'word' || WORDS.has(text)) throw this.#refuse('a field')
    this.#place += 1
    return { [text]: this.#asked() }
  }

  #asked(): WhereText {
    if (this.#takeWord('exists')) return { exists: true }
    if (this.#takeWord('has')) return { has: this.#value() }
    if (this.#takeWord('in')) return { in: this.#values() }
    const operator = this.#next.kind === 'sign' ? SIGNS[this.#next.text] : undefined
    if (operator === undefined) throw this.#refuse('= != < <= > >= in has or exists')
    this.#place += 1
    return { [operator]: this.#value() }
  }

  #values(): unknown[] {
    if (!this.#takeSign('(')) throw this.#refuse('an opening bracket')
    const values: unknown[] = []
    do values.push(this.#value())
    while (this.#takeSign(','))
    if (!this.#takeSign(')')) throw this.#refuse('a comma or a closing bracket')
    return values
  }

  #value(): unknown {
    const { kind, text, value } = this.#next
    if (kind === 'sign' || kind === 'end' || (kind === 'word' && WORDS.has(text))) throw this.#refuse('a value')
    this.#place += 1
    if (kind !== 'word') return value
    return text === 'true' || text === 'false' ? text === 'true' : text
  }

  #takeWord(word: string): boolean {
    return this.#take('word', word)
  }

  #takeSign(sign: string): boolean {
    return this.#take('sign', sign)
  }

  #take(kind: Token['kind'], text: string): boolean {
    if (this.#next.kind !== kind || this.#next.text !== text) return false
    this.#place += 1
    return true
  }

  get #next(): Token {
    return this.#tokens[this.#place] as Token
  }

  #refuse(wanted: string): Error {
    const { kind, text, at } = this.#next
    return usageError('<where>', kind === 'end' ? 'the end' : `${JSON.stringify(text)} at character ${at + 1}`, wanted)
  }
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = []
  const tail = /\s*$/.exec(text)?.index ?? text.length
  for (let at = 0; at < tail; ) {
    TOKEN.lastIndex = at
    const match = TOKEN.exec(text)
    const found = JSON.stringify(text.slice(at, at + 20).trim())
    if (match === null)
      throw usageError('<where>', `${found} at character ${at + 1}`, 'a field, a value, a sign or a closing quote')
    const { sign, quoted, number, word } = match.groups ?? {}
    const start = TOKEN.lastIndex - (sign ?? quoted ?? number ?? word ?? '').length
    if (sign !== undefined) tokens.push({ kind: 'sign', text: sign, at: start })
    else if (quoted !== undefined) tokens.push({ kind: 'text', text: quoted, value: unquoted(quoted), at: start })
    else if (number !== undefined) tokens.push({ kind: 'number', text: number, value: numberOf(number), at: start })
    else tokens.push({ kind: 'word', text: word ?? '', at: start })
    at = TOKEN.lastIndex
  }
  return [...tokens, { kind: 'end', text: '', at: text.length }]
}

/** A backslash takes the next character as it is. */
function unquoted(quoted: string): string {
  return quoted.slice(1, -1).replace(/\\(.)/gsu, '$1')
}

/** Integers with all their digits. */
function numberOf(text: string): number | bigint {
  const number = Number(text)
  return /^[+-]?\d+$/.test(text) && !Number.isSafeInteger(number) ? BigInt(text.replace('+', '')) : number
}
