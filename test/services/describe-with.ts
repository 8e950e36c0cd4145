import { describe } from 'vitest'

/**
 * A suite that needs a program. Where it cannot be had the suite fails in CI; elsewhere it is skipped, and says why.
 * @param what what it is called where it is missing
 * @param find throws where it cannot be had
 */
export async function describeWith(what: string, find: () => Promise<unknown>, name: string, body: () => void): Promise<void> {
  try {
    await find()
  } catch (error) {
    if (process.env['CI']) throw error
    process.stderr.write(`\n!!! ${name}: SKIPPED. ${String(error)}\n\n`)
    describe.skip(`${name} (skipped: no ${what})`, body)
    return
  }
  describe(name, body)
}
