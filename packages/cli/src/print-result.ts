import type { Command, View } from './command.ts'
import { toJson } from './to-json.ts'

export interface PrintOptions {
  readonly json: boolean
  readonly stdout: { write(text: string): unknown }
  readonly view: View
}

/** Print what a command computes: a value, or items one by one as they come. @returns the exit code, of items the highest */
export async function printResult<Value>(
  command: Pick<Command<Value>, 'human' | 'json' | 'exit'>,
  result: Promise<Value> | AsyncIterable<Value>,
  { json, stdout, view }: PrintOptions,
): Promise<number> {
  const toData = (value: Value): unknown => (command.json === undefined ? value : command.json(value))
  const toText = (value: Value): string => ended(command.human(value, view))
  if (result instanceof Promise) {
    const value = await result
    stdout.write(json ? `${toJson(toData(value), 2)}\n` : toText(value))
    return command.exit?.(value) ?? 0
  }
  let exit = 0
  let isFirst = true
  for await (const item of result) {
    exit = Math.max(exit, command.exit?.(item) ?? 0)
    const data = json ? toData(item) : undefined
    const text = json ? (data === undefined ? '' : toJson(data, 2).replaceAll('\n', '\n  ')) : toText(item)
    if (text === '') continue
    stdout.write(json ? `${isFirst ? '[' : ','}\n  ${text}` : `${isFirst ? '' : '\n'}${text}`)
    isFirst = false
  }
  if (json) stdout.write(isFirst ? '[]\n' : '\n]\n')
  return exit
}

function ended(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`
}
