import type { ByteWriter } from '@shardex/schema'

/** Values as the compact protocol of Apache Thrift writes them, which Parquet uses for all that is no data. */
export type Thrift =
  | { readonly type: 'i32' | 'i64'; readonly value: number }
  | { readonly type: 'text'; readonly value: string }
  | { readonly type: 'list'; readonly items: readonly Thrift[] }
  | { readonly type: 'struct'; readonly fields: ThriftFields }

/** By field id, ascending. */
export type ThriftFields = readonly (readonly [id: number, value: Thrift])[]

const TYPE = { i32: 5, i64: 6, text: 8, list: 9, struct: 12 } as const

export const i32 = (value: number): Thrift => ({ type: 'i32', value })
export const i64 = (value: number): Thrift => ({ type: 'i64', value })
export const text = (value: string): Thrift => ({ type: 'text', value })
export const list = (items: readonly Thrift[]): Thrift => ({ type: 'list', items })
export const struct = (...fields: ThriftFields): Thrift => ({ type: 'struct', fields })

const utf8 = new TextEncoder()

/** @param value a list is of one type */
export function writeThrift(writer: ByteWriter, value: Thrift): void {
  switch (value.type) {
    case 'i32':
    case 'i64':
      // Zigzag: none of the numbers in here is negative.
      writeVarint(writer, value.value * 2)
      break
    case 'text': {
      const bytes = utf8.encode(value.value)
      writeVarint(writer, bytes.length)
      writer.write(bytes)
      break
    }
    case 'list': {
      const { items } = value
      const type = TYPE[items[0]?.type ?? 'struct']
      if (items.length < 15) writer.writeByte((items.length << 4) | type)
      else {
        writer.writeByte(0xf0 | type)
        writeVarint(writer, items.length)
      }
      for (const item of items) writeThrift(writer, item)
      break
    }
    case 'struct': {
      let last = 0
      for (const [id, field] of value.fields) {
        writer.writeByte(((id - last) << 4) | TYPE[field.type])
        writeThrift(writer, field)
        last = id
      }
      writer.writeByte(0)
    }
  }
}

/** @param value a whole number up to 2^53 */
export function writeVarint(writer: ByteWriter, value: number): void {
  let left = value
  while (left >= 128) {
    writer.writeByte((left % 128) | 128)
    left = Math.floor(left / 128)
  }
  writer.writeByte(left)
}
