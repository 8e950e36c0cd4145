import { existsSync, rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { run } from './child.ts'
import { findProgram } from './find-program.ts'
import { onExit } from './on-exit.ts'

/** Whether programs can be installed here without asking anybody: Debian or a relative of it, as root. */
export function canInstall(): boolean {
  return existsSync('/etc/debian_version') && process.getuid?.() === 0 && findProgram('apt-get') !== undefined
}

/** Installs Debian packages, one call after the other, and starts none of their services. */
export function install(packages: readonly string[]): Promise<void> {
  const turn = queue.then(() => installNow(packages))
  queue = turn.catch(() => undefined)
  return turn
}

let queue: Promise<void> = Promise.resolve()

async function installNow(packages: readonly string[]): Promise<void> {
  process.stderr.write(`installing ${packages.join(', ')} by apt-get…\n`)
  await using _ = await noServicesStart()
  const aptInstall = () => apt(['install', '-y', '--no-install-recommends', ...packages])
  // Fresh containers have no package lists and old machines stale ones; everywhere else this one call is enough.
  await aptInstall().catch(async () => {
    await apt(['update'])
    await aptInstall()
  })
}

function apt(args: readonly string[]): Promise<string> {
  // Another run on this machine may be installing the very same: wait for its lock.
  return run('/usr/bin/apt-get', ['-q', '-o', 'DPkg::Lock::Timeout=300', ...args], { DEBIAN_FRONTEND: 'noninteractive' })
}

const POLICY = '/usr/sbin/policy-rc.d'

/** Debian's own switch: while this file says 101, no package starts its service. Containers usually have it already. */
async function noServicesStart(): Promise<AsyncDisposable> {
  if (existsSync(POLICY)) return { [Symbol.asyncDispose]: async () => undefined }
  await writeFile(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  const remove = () => rmSync(POLICY, { force: true })
  const forget = onExit(remove)
  return {
    async [Symbol.asyncDispose]() {
      remove()
      forget()
    },
  }
}
