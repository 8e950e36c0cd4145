import type { Command } from '../command.ts'
import type { Check } from '../doctor/check.ts'
import { checkNode } from '../doctor/check-node.ts'
import { checkRegistry } from '../doctor/check-registry.ts'
import { checkStore } from '../doctor/check-store.ts'
import { printable } from '../output/printable.ts'

export const doctor: Command<readonly Check[]> = {
  summary: 'check registry, store and clock, and say what to do',
  description: `Connects to the registry and the store of this configuration, writes and deletes a probe object, and compares clocks. Exits
with 1 if something fails.`,
  startsRegistry: true,
  positionals: [],
  options: { adopt: { type: 'boolean', help: 'also index what atdata wrote into this registry' } },
  examples: [
    ['shardex doctor', 'the embedded registry, or what the environment names'],
    ['shardex doctor --redis redis://db:6379 --s3 my-bucket/data', 'production'],
    ['shardex doctor --adopt', 'find the entries that the Python package atdata wrote'],
  ],
  async run(args, context) {
    const registry = await checkRegistry(context, { adopt: args.flag('adopt') })
    return [checkNode(), ...registry, ...(await checkStore(context))]
  },
  human: (checks) =>
    checks
      .flatMap(({ name, status, found, next }) => [
        `${MARKS[status]}  ${name}: ${printable(found)}`,
        ...(next === undefined ? [] : [`      → ${printable(next)}`]),
      ])
      .join('\n'),
  exit: (checks) => (checks.some(({ status }) => status === 'fail') ? 1 : 0),
}

const MARKS = { ok: 'ok  ', warn: 'warn', fail: 'FAIL' } as const
