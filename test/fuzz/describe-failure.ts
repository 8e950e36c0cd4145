import { inputsOf } from './inputs.ts'
import type { Failure } from './supervise.ts'
import type { Input } from './target.ts'
import { targetNamed } from './targets.ts'

const MAX_SHOWN = 400

/** What somebody needs to see it again, and the input itself. */
export async function describeFailure({ target, seed, at, fault }: Failure): Promise<{ text: string; input: Input }> {
  const input = (await inputsOf(targetNamed(target), seed))(at)
  const text = `${target}: ${fault.kind}: ${fault.message}
  input (${input.length}): ${shown(input)}
  again:        npm run fuzz -- --target ${target} --seed ${seed} --case ${at}`
  return { text, input }
}

function shown(input: Input): string {
  const text = typeof input === 'string' ? JSON.stringify(input) : Buffer.from(input).toString('hex')
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text
}
