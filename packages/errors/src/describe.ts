/**
 * A short description of any value for the `found` of an error: its type and, if that stays short, its value.
 * Never calls code of the value (no `toString`, no getters), and never prints more than `maxLength` characters.
 */
export function describe(value: unknown, maxLength = 60): string {
  switch (typeof value) {
    case 'string':
      return value.length > maxLength ? `a string of ${value.length} characters` : JSON.stringify(value)
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value)
    case 'bigint':
      return `${clip(String(value), maxLength)}n`
    case 'boolean':
    case 'undefined':
      return String(value)
    case 'symbol':
    case 'function':
      return `a ${typeof value}`
    default:
      return describeObject(value as object | null, maxLength)
  }
}

function describeObject(value: object | null, maxLength: number): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (ArrayBuffer.isView(value)) return `${value.constructor.name} of ${value.byteLength} bytes`
  const prototype: unknown = Object.getPrototypeOf(value)
  const name = prototype === null || prototype === Object.prototype ? 'object' : value.constructor.name
  return `${/^[AEIOUaeiou]/.test(name) ? 'an' : 'a'} ${clip(name, maxLength)}`
}

function clip(text: string, maxLength: number): string {
  return text.length > maxLength ? `${text.slice(0, maxLength)}…` : text
}
