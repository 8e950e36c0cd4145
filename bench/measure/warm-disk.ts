import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'

const BLOCK = new Uint8Array(1 << 20)

/**
 * Write as much as will be measured, and remove it. A virtual machine gives idle memory back to its host, so whoever writes first
 * after a pause pays for getting it again: that must not be one of the measured.
 */
export function warmDisk(dir: string, bytes: number): void {
  const path = join(dir, 'warm-up')
  const file = openSync(path, 'w')
  for (let left = bytes; left > 0; left -= BLOCK.length) writeSync(file, BLOCK)
  closeSync(file)
  rmSync(path)
}
