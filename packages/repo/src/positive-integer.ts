/** @throws {TypeError} naming the option */
export function positiveInteger(option: string, value: number): number {
  if (Number.isSafeInteger(value) && value > 0) return value
  throw new TypeError(`${option} must be a positive integer, found ${value}`)
}
