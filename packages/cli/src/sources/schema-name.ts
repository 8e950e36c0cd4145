import { basename } from 'node:path'

/** A sample type's name from a path: `data/emoji-64.csv` becomes `Emoji64Sample`. */
export function schemaNameOf(path: string): string {
  const stem = basename(path).replace(/(?<=.)\.[^.]*$/, '')
  const words = stem
    .normalize('NFKD')
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '')
  const name = words
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('')
    .slice(0, 80)
  return /^[A-Za-z]/.test(name) ? `${name}Sample` : `Sample${name}`
}
