const SHARD = /^(.*?)(\d{6})(\.tar)$/s

/**
 * One brace pattern for shards that are numbered without gaps, `…-{000000..000009}.tar`; for anything else the first URL.
 * What stands in braces already is escaped, so expanding the pattern gives the URLs back.
 */
export function collapseUrls(urls: readonly string[]): string {
  const first = SHARD.exec(urls[0] ?? '')
  if (urls.length < 2 || first === null) return urls[0] ?? ''
  const [, head = '', digits = '', tail = ''] = first
  const start = Number(digits)
  const numbered = (shard: number) => `${head}${String(start + shard).padStart(6, '0')}${tail}`
  if (start + urls.length > 1_000_000 || urls.some((url, shard) => url !== numbered(shard))) return urls[0] ?? ''
  const end = String(start + urls.length - 1).padStart(6, '0')
  return `${head.replace(/[\\{},]/g, '\\$&')}{${digits}..${end}}${tail}`
}
