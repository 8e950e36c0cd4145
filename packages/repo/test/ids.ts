/** Numbers of the samples that come, in their order; at most so many of them. */
export async function idsOf(samples: AsyncIterable<{ readonly id: number | bigint }>, most = Infinity): Promise<number[]> {
  const ids: number[] = []
  for await (const { id } of samples) if (ids.push(Number(id)) === most) break
  return ids
}

/** The numbers `[start, end)`. */
export const upTo = (end: number, start = 0): number[] => Array.from({ length: end - start }, (_, i) => start + i)

export const sorted = (numbers: readonly number[]): number[] => numbers.toSorted((a, b) => a - b)
