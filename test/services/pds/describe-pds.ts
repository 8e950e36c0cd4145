import { describe } from 'vitest'
import { installPds } from './install.ts'

/** A suite that needs a PDS. Where none can be had the suite fails in CI; elsewhere it is skipped, and says why. */
export async function describePds(name: string, body: () => void): Promise<void> {
  try {
    await installPds()
  } catch (error) {
    if (process.env['CI']) throw error
    process.stderr.write(`\n!!! ${name}: SKIPPED. ${String(error)}\n\n`)
    describe.skip(`${name} (skipped: no PDS)`, body)
    return
  }
  describe(name, body)
}
