import type { FileHandle } from 'node:fs/promises'

/** Fill memory with the bytes of a file from a position on: a read may give fewer than were asked for. @returns how many there were; fewer only at the end of the file */
export async function readFull(file: FileHandle, memory: Uint8Array, position: number): Promise<number> {
  for (let filled = 0; filled < memory.length; ) {
    const { bytesRead } = await file.read(memory, filled, memory.length - filled, position + filled)
    if (bytesRead === 0) return filled
    filled += bytesRead
  }
  return memory.length
}
