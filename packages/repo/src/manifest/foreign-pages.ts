import type { Compressors, FileMetaData, SchemaTree } from 'hyparquet'
import { assertParquetChunk } from '../parquet/assert-chunk.ts'

/** What is made of a column of a manifest. */
const MOST_BYTES = 2 ** 29
/** Three bytes of Snappy stand for at most 64. */
const MOST_INFLATED = 22

/**
 * Look through the columns that are read, which are flat, before hyparquet does.
 * @param snappy other compression is refused
 * @throws {RangeError} {TypeError}
 */
export function assertPages(
  bytes: Uint8Array,
  { metadata, schema }: { readonly metadata: FileMetaData; readonly schema: SchemaTree },
  columns: readonly string[],
  snappy: (input: Uint8Array, output: Uint8Array) => void,
): void {
  const compressors: Compressors = {
    SNAPPY(input, size) {
      if (size > MOST_INFLATED * input.length) throw new RangeError(`a page of ${size} bytes in ${input.length}`)
      const output = new Uint8Array(size)
      snappy(input, output)
      return output
    },
  }
  for (const name of columns) {
    const [leaf, other] = schema.children.filter(({ element }) => element.name === name)
    if (leaf === undefined || other !== undefined || leaf.children.length > 0 || leaf.element.repetition_type === 'REPEATED')
      throw new TypeError(`a column ${name} that is not flat`)
    // No byte is read twice: groups that claim the same ones would make much of little.
    let left = bytes.length
    for (const { columns: chunks, num_rows: rows } of metadata.row_groups) {
      const [meta, second] = chunks.flatMap(({ meta_data: it }) => (it?.path_in_schema[0] === name ? it : []))
      if (meta === undefined || second !== undefined || meta.path_in_schema.length !== 1)
        throw new TypeError(`no one column ${name}`)
      const start = Number(meta.dictionary_page_offset || meta.data_page_offset)
      const size = Number(meta.total_compressed_size)
      left -= size
      if (start < 0 || size < 0 || start + size > bytes.length || left < 0) throw new RangeError(`${size} bytes of ${name}`)
      assertParquetChunk(bytes.subarray(start, start + size), {
        meta,
        schema,
        rows: Number(rows),
        compressors,
        mostBytes: MOST_BYTES,
      })
    }
  }
}
