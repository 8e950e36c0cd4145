/**
 * The field that a column becomes: an identifier of letters, digits and single underscores, starting with a letter. The same column name
 * gives the same field everywhere. Words that Python reserves and properties of every JavaScript object get a trailing underscore, since
 * samples are read as objects in both.
 * @returns `undefined` if nothing of the name is left
 */
export function fieldNameOf(column: string): string | undefined {
  const words = column
    .normalize('NFKC')
    .replace(/(?:[^\p{ID_Continue}]|_)+/gu, '_')
    .replace(/^_+|_+$/g, '')
  if (words === '') return undefined
  if (words.length > MAX_LENGTH) return undefined
  if (!/^\p{ID_Start}/u.test(words)) return `field_${words}`
  return PYTHON_KEYWORDS.has(words) || words in Object.prototype ? `${words}_` : words
}

const MAX_LENGTH = 200

const PYTHON_KEYWORDS: ReadonlySet<string> = new Set(
  (
    'False None True and as assert async await break class continue def del elif else except finally for from global if import in is ' +
    'lambda nonlocal not or pass raise return try while with yield'
  ).split(' '),
)
