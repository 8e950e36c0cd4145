import { printable } from './output/printable.ts'

/** Lines of `title  value`, values under each other. Facts whose value is `undefined` are left out. */
export function printFacts(facts: readonly (readonly [title: string, value: string | undefined])[]): string {
  const known = facts.filter((fact): fact is readonly [string, string] => fact[1] !== undefined)
  const width = Math.max(...known.map(([title]) => title.length))
  return known.map(([title, value]) => `${title.padEnd(width)}  ${printable(value)}`).join('\n')
}

/** Lines of a section that stand a little to the right. */
export function indented(lines: readonly string[]): string {
  return lines.map((line) => `  ${printable(line)}`).join('\n')
}

/** `1 shard`, `3,786 samples`. */
export function counted(count: string, noun: string): string {
  return `${count} ${noun}${count === '1' ? '' : 's'}`
}
