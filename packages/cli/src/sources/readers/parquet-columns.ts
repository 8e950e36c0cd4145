import type { FileMetaData, SchemaElement, SchemaTree } from 'hyparquet'
import { parquetSchema } from 'hyparquet'
import type { Column, Kind } from '../inference/column.ts'
import { fieldNames } from '../inference/infer.ts'

/** A column of the samples and where hyparquet's row objects hold its value: structs are opened, `image.bytes` is `row.image.bytes`. */
export interface ParquetColumn extends Column {
  readonly path: readonly string[]
}

/** What the Parquet schema declares, structs flattened, maps and nested lists as JSON text. */
export function parquetColumns(source: string, metadata: FileMetaData): readonly ParquetColumn[] {
  const leaves = parquetSchema(metadata).children.flatMap((child) => flatten(child, false))
  const names = leaves.map((leaf) => leaf.path.join('.'))
  const fields = fieldNames(
    source,
    names.filter((name) => name !== '__key__'),
  )
  return leaves.map(({ path, kind, nullable, leafPath }, index) => {
    const column = names[index] as string
    const optional = nullable && !provedFull(metadata, leafPath)
    return { column, field: fields.get(column) ?? column, kind, optional, path }
  })
}

interface Leaf {
  readonly path: readonly string[]
  readonly kind: Kind
  readonly nullable: boolean
  /** Of the physical column, for its statistics; `undefined` if there are several. */
  readonly leafPath: readonly string[] | undefined
}

function flatten(node: SchemaTree, withinNullable: boolean): Leaf[] {
  const nullable = withinNullable || node.element.repetition_type === 'OPTIONAL'
  const leaf = { path: node.path, nullable }
  if (node.children.length === 0) {
    return [
      { ...leaf, kind: { item: itemOf(node.element), array: node.element.repetition_type === 'REPEATED' }, leafPath: node.path },
    ]
  }
  const element = listElement(node)
  if (element !== undefined) return [{ ...leaf, kind: { item: itemOf(element.element), array: true }, leafPath: element.path }]
  if (isStruct(node)) return node.children.flatMap((child) => flatten(child, nullable))
  return [{ ...leaf, kind: { item: 'str', array: false, json: true }, leafPath: undefined }]
}

/** The primitive that a list holds, in the three-level form of the specification or the two-level one of older writers. */
function listElement(node: SchemaTree): SchemaTree | undefined {
  const isList = node.element.converted_type === 'LIST' || node.element.logical_type?.type === 'LIST'
  const [repeated, ...rest] = node.children
  if (!isList || repeated === undefined || rest.length > 0) return undefined
  if (repeated.children.length === 0) return repeated
  const [element] = repeated.children
  return repeated.children.length === 1 && element?.children.length === 0 && element.element.repetition_type !== 'REPEATED'
    ? element
    : undefined
}

function isStruct({ element }: SchemaTree): boolean {
  return element.converted_type === undefined && element.logical_type === undefined && element.repetition_type !== 'REPEATED'
}

function itemOf({ type, converted_type: converted, logical_type: logical }: SchemaElement): Kind['item'] {
  if (TEXT.has(converted ?? '') || TEXT.has(logical?.type ?? '') || type === 'INT96' || type === undefined) return 'str'
  if (converted === 'DECIMAL' || logical?.type === 'FLOAT16') return 'float'
  return PHYSICAL[type]
}

/** Annotated types that arrive as text, or that are written as it. */
const TEXT: ReadonlySet<string> = new Set(
  'UTF8 STRING ENUM JSON UUID DATE TIMESTAMP TIMESTAMP_MILLIS TIMESTAMP_MICROS NULL VARIANT GEOMETRY GEOGRAPHY'.split(' '),
)

const PHYSICAL = {
  BOOLEAN: 'bool',
  INT32: 'int',
  INT64: 'int',
  FLOAT: 'float',
  DOUBLE: 'float',
  BYTE_ARRAY: 'bytes',
  FIXED_LEN_BYTE_ARRAY: 'bytes',
} as const

/** Writers declare almost every column nullable; the statistics of the row groups tell whether nulls are there. */
function provedFull(metadata: FileMetaData, leafPath: readonly string[] | undefined): boolean {
  if (leafPath === undefined) return false
  const wanted = leafPath.join('\0')
  return metadata.row_groups.every((group) =>
    group.columns.some(
      ({ meta_data: chunk }) => chunk?.path_in_schema.join('\0') === wanted && chunk.statistics?.null_count === 0n,
    ),
  )
}
