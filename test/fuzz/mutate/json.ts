import type { Random } from '../random.ts'
import type { Mutate } from '../target.ts'
import { mutateTextWith } from './text.ts'

/** Changes what a JSON text says: other types, other keys, subtrees from elsewhere; and sometimes how it is spelled. */
export const mutateJson: Mutate<string> = (random, input, corpus) => {
  let text = input
  try {
    const root = { value: JSON.parse(input) as unknown }
    do mutateNode(random.pick(placesIn(root)), random, corpus)
    while (!random.oneIn(3))
    text = spell(root.value, random)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  return random.oneIn(4) ? mutateSpelling(random, text, corpus) : text
}

const mutateSpelling = mutateTextWith([...'{}[]:,"\\-.0', 'null', 'true', '1e', '\\u', '\\ud800', '\\u0000', '""', '{}', '[]'])

const KEYS = ['__proto__', 'constructor', 'toString', '$type', 'kind', 'name', 'length', '', 'x'.repeat(300), 'é', 'a.b', '0']

/** Numbers that `JSON.stringify` would not write, and nesting that it could not, stand in as text and are spelled at the end. */
const RAW = new Map<string, (random: Random) => string>([
  ['@huge', () => '1e400'],
  ['@long', () => '9'.repeat(400)],
  ['@lists', (random) => nest('[', ']', random)],
  ['@maps', (random) => nest('{"items":', '}', random)],
])

/** Characters of all stand-ins together. */
const MAX_SPELLED = 200_000

interface Place {
  readonly holder: Record<string, unknown>
  readonly key: string
}

function placesIn(root: object): Place[] {
  const places: Place[] = []
  const visit = (holder: object): void => {
    for (const [key, value] of Object.entries(holder)) {
      places.push({ holder: holder as Record<string, unknown>, key })
      if (typeof value === 'object' && value !== null && places.length < 2000) visit(value)
    }
  }
  visit(root)
  return places
}

function mutateNode({ holder, key }: Place, random: Random, corpus: readonly string[]): void {
  const value = holder[key]
  const name = random.pick(KEYS)
  switch (random.below(6)) {
    case 0:
      if (Array.isArray(holder)) holder.splice(Number(key), 1)
      else if (key !== 'value') delete holder[key]
      break
    case 1:
      if (Array.isArray(holder)) for (let i = isSmall(value) ? random.pick([1, 2, 100, 3000]) : 1; i > 0; i--) holder.push(value)
      else if (key !== 'value')
        Object.defineProperty(holder, name, { value, enumerable: true, configurable: true, writable: true })
      break
    case 2: {
      const other = placesIn({ value: JSON.parse(random.pick(corpus)) as unknown })
      const from = random.pick(other)
      holder[key] = from.holder[from.key]
      break
    }
    case 3:
      holder[key] = { [name]: value }
      break
    default:
      holder[key] = junk(random)
  }
}

function isSmall(value: unknown): boolean {
  return typeof value === 'string' ? value.length < 20 : typeof value !== 'object'
}

function junk(random: Random): unknown {
  const kind = random.below(8)
  if (kind === 0) return random.pick([null, true, false])
  if (kind === 1) return random.pick([0, -1, 1.5, 2 ** 31, 2 ** 53, 2 ** 53 - 1, -0, 1e300])
  if (kind === 2) return random.pick(['', '\0', 'x'.repeat(100_000), '\ud800', '__proto__', '*/', '\u2028', '`', 'local#array'])
  if (kind === 3) return random.pick(['<f4', 'float32', 'datetime64[ns]', '|O', 'V8', '<U99999999', '>M8[25s]', 'str', 'object'])
  if (kind === 4) return random.pick([[], {}, [[]], [null], { length: 2 ** 32 }, [1, [2]], new Array(65).fill(1)])
  return random.pick([...RAW.keys()])
}

function spell(value: unknown, random: Random): string {
  let left = MAX_SPELLED
  return (JSON.stringify(value) ?? 'null').replace(/"(@\w+)"/g, (text, name: string) => {
    const spelled = RAW.get(name)?.(random) ?? text
    left -= spelled.length
    return left > 0 ? spelled : '0'
  })
}

function nest(open: string, close: string, random: Random): string {
  const depth = random.pick([3, 33, 200, 5000])
  return `${open.repeat(depth)}0${close.repeat(depth)}`
}
