import { canInstall, install } from './apt.ts'
import { findProgram } from './find-program.ts'

/** The path of a program, installed from Debian's packages if it is missing and may be. Throws where it cannot be had. */
export async function needProgram(name: string, debianPackage: string): Promise<string> {
  const found = findProgram(name)
  if (found !== undefined) return found
  if (!canInstall()) throw new Error(`${name} is needed here: install ${debianPackage}`)
  await install([debianPackage])
  return needProgram(name, debianPackage)
}
