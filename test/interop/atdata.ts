import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { describeWith, pythonWithAtdata, type TempDir, tempDir } from '../services/index.ts'

const HERE = fileURLToPath(new URL('.', import.meta.url))

/** A process that runs the real atdata. It ends with this one, when its input does. */
export interface Atdata extends AsyncDisposable {
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
export function describeAtdata(name: string, body: () => void): Promise<void> {
  return describeWith('atdata', pythonWithAtdata, name, body)
}

export async function startAtdata(): Promise<Atdata> {
  await using undo = new AsyncDisposableStack()
  const home = undo.use(await tempDir('atdata-home'))
  const child = startPeer(await pythonWithAtdata(), home)
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
  const inTurn = <T>(module: string, name: string, callArguments: object): Promise<T> => {
    const answer = turn.then(() => ask(module, name, callArguments)) as Promise<T>
    turn = answer.catch(() => undefined)
    return answer
  }
  const owned = undo.move()
  return {
    call: (name, callArguments) => inTurn('exchange', name, callArguments),
    atmosphere: (name, callArguments) => inTurn('atmosphere', name, callArguments),
    fault: (name, callArguments = {}) => inTurn('faults', name, callArguments),
    era: (name, callArguments) => inTurn('eras', name, callArguments),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** atdata writes to its home when it is not told otherwise, so it gets one of its own. */
function startPeer(python: string, home: TempDir): ChildProcess {
  const env = { ...process.env, HOME: home.path, PYTHONDONTWRITEBYTECODE: '1', AWS_EC2_METADATA_DISABLED: 'true' }
  return spawn(python, [`${HERE}peer.py`], { cwd: home.path, env, stdio: ['pipe', 'pipe', 'pipe'] })
}
