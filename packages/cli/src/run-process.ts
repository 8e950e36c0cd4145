import { main } from './main.ts'

/** The command line of this process: its arguments, streams, environment and signals. @returns the exit code */
export async function runProcess(): Promise<number> {
  const stopping = new AbortController()
  let stoppedBy: NodeJS.Signals | undefined
  const onSignal = (signal: NodeJS.Signals): void => {
    // The first asks for a clean end; who sends another does not want to wait for it.
    if (stoppedBy !== undefined) process.exit(exitCodeOf(signal))
    stoppedBy = signal
    stopping.abort(new DOMException('stopped', 'AbortError'))
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  for (const stream of [process.stdout, process.stderr]) stream.on('error', ignoreClosedPipe)
  try {
    const { stdin, stdout, stderr, env } = process
    const code = await main(process.argv.slice(2), { stdin, stdout, stderr, env, cwd: process.cwd(), signal: stopping.signal })
    return stoppedBy !== undefined && code !== 0 ? exitCodeOf(stoppedBy) : code
  } finally {
    process.off('SIGINT', onSignal)
    process.off('SIGTERM', onSignal)
  }
}

function exitCodeOf(signal: string): number {
  return signal === 'SIGTERM' ? 143 : 130
}

/** `shardex ls | head -1`: the reader has seen enough. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
}
