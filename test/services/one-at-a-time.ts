import { existsSync, rmSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { onExit } from './on-exit.ts'

/**
 * Waits until no other process of this machine holds the lock, then holds it until disposed. For what test files that run beside each other would
 * otherwise all make at once.
 */
export async function oneAtATime(lock: string): Promise<AsyncDisposable> {
  await mkdir(dirname(lock), { recursive: true })
  while (!(await take(lock))) {
    const holder = Number(await readFile(lock, 'utf8').catch(() => ''))
    if (holder > 0 && !existsSync(`/proc/${holder}`) && existsSync('/proc/self')) await rm(lock, { force: true }) // it died
    await new Promise((resume) => setTimeout(resume, 200))
  }
  const forget = onExit(() => rmSync(lock, { force: true }))
  return {
    async [Symbol.asyncDispose]() {
      await rm(lock, { force: true })
      forget()
    },
  }
}

async function take(lock: string): Promise<boolean> {
  try {
    await writeFile(lock, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}
