import { constants } from 'node:os'

const cleanups = new Set<() => void>()

/**
 * Runs `cleanup` when this process ends with something still open: at exit, at an uncaught error, at Ctrl-C.
 * It must be synchronous. The function returned takes it back, for the orderly end.
 */
export function onExit(cleanup: () => void): () => void {
  if (cleanups.size === 0) listen()
  cleanups.add(cleanup)
  return () => {
    cleanups.delete(cleanup)
    if (cleanups.size === 0) unlisten()
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

function listen(): void {
  process.on('exit', cleanUp)
  for (const signal of SIGNALS) process.on(signal, endBySignal)
}

function unlisten(): void {
  process.off('exit', cleanUp)
  for (const signal of SIGNALS) process.off(signal, endBySignal)
}

function cleanUp(): void {
  // Newest first: a child goes before the folder it writes to.
  for (const cleanup of [...cleanups].reverse()) {
    try {
      cleanup()
    } catch (error) {
      process.stderr.write(`cleaning up: ${String(error)}\n`)
    }
  }
  cleanups.clear()
}

function endBySignal(signal: NodeJS.Signals): void {
  cleanUp()
  unlisten()
  // Whoever else listens (vitest does) decides how to end; alone, end as the signal would have ended us.
  if (process.listenerCount(signal) === 0) process.exit(128 + constants.signals[signal])
}
