import { invalidArray } from './invalid-array.ts'

/** Tuples and lists are both arrays. */
export type PythonLiteral = string | number | boolean | null | readonly PythonLiteral[]

const MAX_DEPTH = 32

/**
 * Reads the Python literals that numpy writes into file headers: strings without escapes, integers, True, False, None, tuples, lists.
 * Nothing is evaluated; whatever else stands there is refused.
 */
export class PythonLiteralParser {
  readonly text: string
  at = 0

  constructor(text: string) {
    this.text = text
  }

  value(depth = 0): PythonLiteral {
    if (depth > MAX_DEPTH) throw this.refuse('fewer levels')
    const char = this.peek()
    if (char === "'" || char === '"') return this.string()
    if (char === '(') return this.#sequence(')', depth)
    if (char === '[') return this.#sequence(']', depth)
    const word = this.#match(/True|False|None|-?\d{1,20}L?/y)
    if (word === undefined) throw this.refuse('a string, an integer, True, False, None, a tuple or a list')
    if (word === 'None') return null
    return word === 'True' || (word === 'False' ? false : Number(word.replace('L', '')))
  }

  string(): string {
    const text = this.#match(/'[^'\\]*'|"[^"\\]*"/y)
    if (text === undefined) throw this.refuse('a string')
    return text.slice(1, -1)
  }

  /** Step over `char`, or return false. */
  take(char: string): boolean {
    if (this.peek() !== char) return false
    this.at++
    return true
  }

  expect(char: string): void {
    if (!this.take(char)) throw this.refuse(`"${char}"`)
  }

  /** The next character that is no space; `''` at the end. */
  peek(): string {
    while (this.text[this.at] === ' ' || this.text[this.at] === '\n') this.at++
    return this.text[this.at] ?? ''
  }

  refuse(wanted: string): Error {
    const rest = this.text.slice(this.at, this.at + 20)
    return invalidArray(rest === '' ? 'the end of the header' : `${JSON.stringify(rest)} in the header`, wanted)
  }

  #sequence(close: string, depth: number): readonly PythonLiteral[] {
    this.at++
    const items: PythonLiteral[] = []
    while (!this.take(close)) {
      items.push(this.value(depth + 1))
      if (this.take(',')) continue
      // `('x')` is a string in brackets, not a tuple.
      if (close === ')' && items.length === 1) throw this.refuse('","')
      this.expect(close)
      break
    }
    return items
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at
    const [found] = pattern.exec(this.text) ?? []
    if (found !== undefined) this.at += found.length
    return found
  }
}
