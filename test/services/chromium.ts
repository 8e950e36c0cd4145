import { type Browser, chromium } from 'playwright-core'
import { describe } from 'vitest'
import { findProgram } from './find-program.ts'
import { needProgram } from './need-program.ts'

/** What else it is called. */
const PROGRAMS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/** It looks for nobody but the page: without these it calls home at every start. */
const ALONE = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** The path of a Chromium, installed from Debian's packages if it is missing and may be. Throws where it cannot be had. */
export async function findChromium(): Promise<string> {
  return PROGRAMS.map(findProgram).find((path) => path !== undefined) ?? needProgram('chromium', 'chromium')
}

/** A headless Chromium with a profile of its own, which goes away with it. */
export async function startChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: await findChromium(), args: ALONE })
}

/** A suite that needs a browser. Where none can be had the suite fails in CI; elsewhere it is skipped, and says why. */
export async function describeChromium(name: string, body: () => void): Promise<void> {
  try {
    await findChromium()
  } catch (error) {
    if (process.env['CI']) throw error
    process.stderr.write(`\n!!! ${name}: SKIPPED. ${String(error)}\n\n`)
    describe.skip(`${name} (skipped: no Chromium)`, body)
    return
  }
  describe(name, body)
}
