import type { FieldKind } from './field-kind.ts'
import { pythonJson } from './record/python-json.ts'
import type { SchemaRecord } from './record/schema-record.ts'
import { sampleTypeFromRecord } from './record/to-record.ts'
import type { SampleType } from './sample-type.ts'

export interface CodegenOptions {
  /** Where the generated module imports from. Default `@shardex/schema`. */
  readonly importFrom?: string | undefined
}

/**
 * A TypeScript module that defines the sample type of a record: a constant of the type's name, and the type of its samples under the same
 * name (with `_` behind where that is taken). Every text of the record is written as a quoted ASCII literal.
 */
export function generateTypeScript(record: SchemaRecord, { importFrom = '@shardex/schema' }: CodegenOptions = {}): string {
  const type = sampleTypeFromRecord(record)
  const fields = Object.entries(type.fields).map(
    ([name, { kind, isOptional }]) => `  ${name}: ${expression(kind)}${isOptional ? '.optional()' : ''},`,
  )
  const imports = [...new Set(Object.values(type.fields).flatMap(({ kind }) => constructorsOf(kind))), 'defineSample'].sort()
  const name = exportName(type)
  const description = type.description === undefined ? '' : `, { description: ${quote(type.description)} }`
  return `// Made from the schema record ${quote(`${type.name}@${record.version}`)}. Make it again instead of changing it.
import { ${imports.join(', ')}, type Infer } from ${quote(importFrom)}

export const ${name} = defineSample(${quote(type.name)}, {
${fields.join('\n')}
}${description})

export type ${name} = Infer<typeof ${name}>
`
}

const CONSTRUCTORS: Readonly<Record<FieldKind['kind'], string>> = {
  str: 'str',
  int: 'int',
  float: 'float',
  bool: 'bool',
  bytes: 'bytes',
  ndarray: 'ndarray',
  array: 'array',
  structured: 'structured',
  sparse: 'sparse',
  arrow_tensor: 'arrowTensor',
  safetensors: 'safetensors',
  dataframe: 'dataframe',
}

/** Names that a constant of a module cannot have, and those that the generated module uses itself. */
const TAKEN: ReadonlySet<string> = new Set(
  `${Object.values(CONSTRUCTORS).join(' ')} defineSample Infer Object undefined NaN Infinity arguments eval await break case catch class
  const continue debugger default delete do else enum export extends false finally for function if implements import in instanceof interface
  let new null package private protected public return static super switch this throw true try typeof var void while with yield
  any unknown never number bigint string boolean symbol object`.split(/\s+/),
)

function exportName({ typeName }: SampleType): string {
  return TAKEN.has(typeName) ? `${typeName}_` : typeName
}

function expression(kind: FieldKind): string {
  const call = CONSTRUCTORS[kind.kind]
  if (kind.kind === 'array') return `${call}(${expression(kind.items)})`
  if (kind.kind !== 'ndarray') return `${call}()`
  const { dtype, shape, dimensionNames } = kind
  const given = [
    dtype === undefined ? undefined : quote(dtype),
    shape === undefined ? undefined : `[${shape.map(String).join(', ')}]`,
    dimensionNames === undefined ? undefined : `{ dimensionNames: [${dimensionNames.map(quote).join(', ')}] }`,
  ]
  const last = given.findLastIndex((argument) => argument !== undefined)
  return `${call}(${given
    .slice(0, last + 1)
    .map(String)
    .join(', ')})`
}

function constructorsOf(kind: FieldKind): string[] {
  return kind.kind === 'array' ? [CONSTRUCTORS.array, ...constructorsOf(kind.items)] : [CONSTRUCTORS[kind.kind]]
}

/** A JSON text of ASCII only is a TypeScript literal and cannot end a comment line. */
function quote(text: string): string {
  return pythonJson(text)
}
