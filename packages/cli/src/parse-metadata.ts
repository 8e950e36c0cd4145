import type { Metadata, MetadataValue } from '@shardex/index'
import { usageError } from './usage-error.ts'

/**
 * Metadata from `--metadata`: each a JSON object, or `key=text`. Later ones win.
 * @throws {ShardexError} `usage.invalid`
 */
export function parseMetadata(texts: readonly string[]): Metadata | undefined {
  if (texts.length === 0) return undefined
  return Object.fromEntries(texts.flatMap((text) => (text.trimStart().startsWith('{') ? jsonMembers(text) : [keyAndText(text)])))
}

function jsonMembers(text: string): [string, MetadataValue][] {
  try {
    return Object.entries(JSON.parse(text) as Metadata)
  } catch {
    throw invalid(text)
  }
}

function keyAndText(text: string): [string, string] {
  const end = text.indexOf('=')
  if (end < 1) throw invalid(text)
  return [text.slice(0, end), text.slice(end + 1)]
}

function invalid(text: string): Error {
  return usageError('--metadata', JSON.stringify(text), `key=text, or a JSON object like '{"licence":"MIT"}'`)
}
