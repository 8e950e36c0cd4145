/** What a team does to a dataset from one version to the next, a hundredth of it at a time. Repeatable. */

export type Row = { readonly id: number; readonly label: string }

/** @param version from 1 on */
type Edit = (rows: readonly Row[], version: number) => Row[]

const PART = 100

export const EDITS: Readonly<Record<string, Edit>> = {
  'neighbours changed': (rows, version) => {
    const count = rows.length / PART
    const start = Math.floor((rows.length - count) * fraction(version))
    return rows.map((row, at) => (at >= start && at < start + count ? changed(row, version) : row))
  },
  'inserted near the front': (rows, version) => {
    const added = firstRows(rows.length / PART).map(({ id }) => ({ id: version * 1e9 + id, label: `new in ${version}` }))
    return rows.toSpliced(rows.length / PART, 0, ...added)
  },
  'removed near the front': (rows) => rows.toSpliced(rows.length / PART, rows.length / PART),
  'changed here and there': (rows, version) =>
    rows.map((row, at) => (fraction(version * 1e6 + at) < 1 / PART ? changed(row, version) : row)),
}

export function firstRows(count: number): Row[] {
  return Array.from({ length: count }, (_, id) => ({ id, label: `label ${id % 1000}` }))
}

function changed({ id }: Row, version: number): Row {
  return { id, label: `changed in ${version}` }
}

/** Below 1, different for each seed: the finalizer of MurmurHash3. */
function fraction(seed: number): number {
  let mixed = Math.imul(seed ^ (seed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32
}
