import { type Browser, chromium } from 'playwright-core'
import { describeWith } from './describe-with.ts'
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

/** A headless Chromium with a profile of its own, which goes away with it. How long it may take is for the test to say. */
export async function startChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: await findChromium(), args: ALONE, timeout: 0 })
}

/** A suite that needs a browser, see {@link describeWith}. */
export function describeChromium(name: string, body: () => void): Promise<void> {
  return describeWith('Chromium', findChromium, name, body)
}
