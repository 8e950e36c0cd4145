/** The candidate somebody probably meant, if one is near enough to be worth a question. */
export function suggest(typed: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined
  let least = Math.floor(Math.min(typed.length, MAX_LENGTH) / 3) + 1
  for (const candidate of candidates) {
    if (typed.length >= 2 && candidate.startsWith(typed)) return candidate
    const distance = editDistance(typed.slice(0, MAX_LENGTH), candidate)
    if (distance <= least && distance < candidate.length) [best, least] = [candidate, distance - 1]
  }
  return best
}

/** Nobody types longer options; arguments can be of any length. */
const MAX_LENGTH = 40

/** How many letters must be inserted, left out, replaced or swapped with their neighbour. */
function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)]
  for (let i = 1; i <= a.length; i++) {
    const [above, row] = [rows[i - 1] as number[], [i]]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (above[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1)
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      const swapped = isSwap ? ((rows[i - 2] as number[])[j - 2] as number) + 1 : replaced
      row.push(Math.min((above[j] as number) + 1, (row[j - 1] as number) + 1, replaced, swapped))
    }
    rows.push(row)
  }
  return rows[a.length]?.[b.length] as number
}
