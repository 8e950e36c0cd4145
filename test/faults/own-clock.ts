import { rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { needProgram, run, type TempDir } from '../services/index.ts'

/** The wall clock of a process of its own: of the whole process, because libfaketime stands between it and the system. */
export interface OwnClock {
  /** For the process that is to have it. */
  readonly environment: Readonly<Record<string, string>>
  /** Let it be wrong by so many days from this moment on; clocks that only measure how long something takes are left alone. */
  jump(days: number): Promise<void>
}

/** Why there can be none here, if there can be none. */
export const NO_OWN_CLOCK: string | undefined = process.platform === 'linux' ? undefined : 'needs Linux'

export async function openOwnClock(dir: TempDir): Promise<OwnClock> {
  const file = dir.file('clock')
  const environment = {
    LD_PRELOAD: await faketime(),
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  }
  const jump = (days: number) => writeFile(file, `${days < 0 ? '' : '+'}${days}d`)
  await jump(10)
  const aheadMs = Number(await run(process.execPath, ['-p', 'Date.now()'], environment)) - Date.now()
  if (Math.round(aheadMs / 86_400_000) !== 10) throw new Error(`a clock that jumps by 10 days is ${aheadMs} ms ahead`)
  await jump(0)
  return { environment, jump }
}

/** Shared memory that the library leaves behind when its process is killed, and that would be in the way of another one with the same number. */
export function forgetClock(pid: number): void {
  for (const name of [`faketime_shm_${pid}`, `sem.faketime_sem_${pid}`]) rmSync(`/dev/shm/${name}`, { force: true })
}

let library: Promise<string> | undefined

function faketime(): Promise<string> {
  library ??= findLibrary(5)
  return library
}

/** The program sets what it starts up to load the library. It, too, may find the shared memory of a killed process in its way. */
async function findLibrary(attempts: number): Promise<string> {
  const program = await needProgram('faketime', 'faketime')
  try {
    const environment = await run(program, ['-m', '-f', '+0d', '/usr/bin/env'])
    return /^LD_PRELOAD=(\S*libfaketime\S*)$/m.exec(environment)?.[1] ?? ''
  } catch (error) {
    if (attempts === 1) throw error
    return findLibrary(attempts - 1)
  }
}
