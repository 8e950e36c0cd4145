import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll } from 'vitest'
import { describeWith, pythonWithAtdata, type TempDir, tempDir } from '../services/index.ts'

const HERE = fileURLToPath(new URL('.', import.meta.url))

/** The real atdata, in a process that begins with the first call, and ends with the suite. */
export interface Atdata {
  /** Calls a function of `exchange.py`. @throws what it raised, as `KeyError: ...` */
  call<T>(name: string, callArguments: object): Promise<T>
  /** Calls a function of `atmosphere.py`. */
  atmosphere<T>(name: string, callArguments: object): Promise<T>
  /** Calls a function of `faults.py`. */
  fault<T>(name: string, callArguments?: object): Promise<T>
  /** Calls a function of `eras.py`. */
  era<T>(name: string, callArguments: object): Promise<T>
}

/** A suite that needs atdata, see {@link describeWith}. */
export function describeAtdata(name: string, body: (atdata: Atdata) => void): Promise<void> {
  return describeWith('atdata', pythonWithAtdata, name, () => {
    let peer: Promise<Peer> | undefined
    afterAll(async () => (await peer)?.[Symbol.asyncDispose]())
    const ask = async <T>(module: string, called: string, callArguments: object): Promise<T> => {
      peer ??= startPeer()
      return (await (await peer).ask(module, called, callArguments)) as T
    }
    body({
      call: (called, callArguments) => ask('exchange', called, callArguments),
      atmosphere: (called, callArguments) => ask('atmosphere', called, callArguments),
      fault: (called, callArguments = {}) => ask('faults', called, callArguments),
      era: (called, callArguments) => ask('eras', called, callArguments),
    })
  })
}

/** It also ends with this process, when its input does. */
interface Peer extends AsyncDisposable {
  ask(module: string, called: string, callArguments: object): Promise<unknown>
}

async function startPeer(): Promise<Peer> {
  await using undo = new AsyncDisposableStack()
  const home = undo.use(await tempDir('atdata-home'))
  const child = spawnPeer(await pythonWithAtdata(), home)
  undo.defer(async () => {
    child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  })
  let complaints = ''
  child.stderr?.on('data', (text: Buffer) => {
    complaints = (complaints + text).slice(-4000)
  })
  const answers = createInterface({ input: child.stdout! })[Symbol.asyncIterator]()
  let turn: Promise<unknown> = Promise.resolve()
  const ask = async (module: string, name: string, callArguments: object): Promise<unknown> => {
    child.stdin?.write(`${JSON.stringify({ module, function: name, arguments: callArguments })}\n`)
    const { value: line, done } = await answers.next()
    if (done) throw new Error(`atdata's process ended: ${complaints}`)
    const answer = JSON.parse(line) as { value?: unknown; error?: string }
    if (answer.error !== undefined) throw new Error(answer.error)
    return answer.value
  }
  const owned = undo.move()
  return {
    ask(...call) {
      const answer = turn.then(() => ask(...call))
      turn = answer.catch(() => undefined)
      return answer
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** atdata writes to its home when it is not told otherwise, so it gets one of its own. */
function spawnPeer(python: string, home: TempDir): ChildProcess {
  const env = { ...process.env, HOME: home.path, PYTHONDONTWRITEBYTECODE: '1', AWS_EC2_METADATA_DISABLED: 'true' }
  return spawn(python, [`${HERE}peer.py`], { cwd: home.path, env, stdio: ['pipe', 'pipe', 'pipe'] })
}
