import { expect, test } from 'vitest'
import { ByteWriter } from '../src/index.ts'

test('a writer grows wherever the end of its buffer falls', () => {
  for (let initial = 0; initial < 40; initial++) {
    const writer = new ByteWriter(initial)
    writer.writeByte(1)
    writer.writeUint16(0x0203)
    writer.writeUint32(0x04050607)
    writer.writeUint64(0x08090a0b0c0d0e0fn)
    writer.write(Uint8Array.of(16, 17, 18))
    writer.writeFloat64(1)
    expect([...writer.toBytes()]).toEqual([...Array.from({ length: 18 }, (_, i) => i + 1), 0x3f, 0xf0, 0, 0, 0, 0, 0, 0])
  }
})

test('a writer that was reset begins anew, and what was taken from it stays', () => {
  const writer = new ByteWriter()
  writer.writeByte(1)
  const taken = writer.toBytes()
  writer.reset()
  writer.writeByte(2)
  expect([taken, writer.toBytes()]).toEqual([Uint8Array.of(1), Uint8Array.of(2)])
})
