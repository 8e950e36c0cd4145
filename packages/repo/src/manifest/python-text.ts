import type { ScalarKind } from './columns.ts'

/** The text that Python's `str()` gives for a value, which is how aggregates name values. */
export function pythonText(value: unknown, kind: ScalarKind): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value !== 'number' || kind !== 'float') return String(value)
  if (Number.isNaN(value)) return 'nan'
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  return pythonFloat(value)
}

/** Both languages take the fewest digits that stand for a float, but Python begins to write exponents elsewhere, and shows that 1.0 is one. */
function pythonFloat(value: number): string {
  if (Object.is(value, -0)) return '-0.0'
  const size = Math.abs(value)
  if (value !== 0 && (size < 1e-4 || size >= 1e16)) return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2')
  const text = String(value)
  return /[.e]/.test(text) ? text : `${text}.0`
}
