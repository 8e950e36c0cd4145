import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Where daemons live although a plain user's PATH leaves it out. */
const SYSTEM_FOLDERS = ['/usr/local/bin', '/usr/bin', '/usr/local/sbin', '/usr/sbin', '/sbin', '/opt/homebrew/bin']

/** The absolute path of a program on PATH or in the usual system folders, or `undefined`. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter).filter(Boolean), ...SYSTEM_FOLDERS]
  return folders.map((folder) => join(folder, name)).find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
