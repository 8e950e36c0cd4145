import type { ChunkOptions } from './object-store.ts'

/** What `into` gives for the bytes of a range. @throws {TypeError} if they would not fit */
export function givenMemory(into: ChunkOptions['into'], sizeBytes: number): Uint8Array | undefined {
  const memory = into?.(sizeBytes)
  if (memory === undefined || memory.length === sizeBytes) return memory
  throw new TypeError(`into gives memory for as many bytes as it is asked for, ${sizeBytes}, or none; found ${memory.length}`)
}
