import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type LexiconDoc, Lexicons, parseLexiconDoc } from '@atproto/lexicon'

/** Every lexicon of both generations, compiled on first use. The files are in `lexicons` of this package. */
export function lexicons(): Lexicons {
  compiled ??= new Lexicons(readLexicons())
  return compiled
}

let compiled: Lexicons | undefined

const FOLDER = fileURLToPath(new URL('../lexicons', import.meta.url))

function readLexicons(): LexiconDoc[] {
  return readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json'))
    .map((name) => parseLexiconDoc(JSON.parse(readFileSync(join(FOLDER, name), 'utf8'))))
}
