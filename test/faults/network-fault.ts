import { type Random, randomOf } from '../fuzz/random.ts'
import { type KillPoint, SETTINGS, type Setting } from './kill-point.ts'
import type { Fault, FaultProxy, Passing } from './proxy.ts'

/** What goes wrong on the way to the servers, and when: after a share of what an undisturbed call exchanges, and how often in a row. */
export interface NetworkFault {
  readonly fault: Fault
  readonly share: number
  readonly times: number
}

/** One call through proxies with one fault. */
export interface NetworkCase extends Setting, NetworkFault {
  readonly recipe: KillPoint['recipe']
}

const REMOTE: readonly Setting[] = SETTINGS.filter(({ registry, store }) => registry === 'redis' || store === 's3')

export function networkCase(purpose: 'insert' | 'read', seed: number, number: number): NetworkCase {
  const random = randomOf(purpose, seed, number)
  const setting = REMOTE[number % REMOTE.length]!
  return {
    ...setting,
    fault: faultOf(random, setting),
    share: random.below(1000) / 1000,
    // An outage lasts until the call gives up, which takes many seconds.
    times: random.oneIn(12) ? Number.POSITIVE_INFINITY : 1 + random.below(3),
    recipe: { count: 33, edition: 1, largeAt: random.pick([undefined, undefined, 20]) },
  }
}

export function describeFault({ fault, share, times }: NetworkFault): string {
  const { kind, ...how } = fault
  const detail = Object.entries(how).map(([name, value]) => ` (${name}: ${value})`)
  return `${kind}${detail.join('')}, ${times === 1 ? 'once' : `${times} times`} after ${Math.round(share * 100)} %`
}

/** Let it happen, from event `at` on, counted over all proxies. */
export function strike(proxies: readonly FaultProxy[], { fault, times }: NetworkFault, at: number): void {
  let events = 0
  let struck = 0
  const faultAt = (passing: Passing): Fault | undefined => {
    if (events++ < at || struck >= times || (fault.kind === '503' && passing.request === undefined)) return undefined
    struck += 1
    return fault
  }
  for (const proxy of proxies) proxy.faultAt = faultAt
}

export function heal(proxies: readonly FaultProxy[]): void {
  for (const proxy of proxies) proxy.faultAt = () => undefined
}

function faultOf(random: Random, { store }: Setting): Fault {
  const kinds = [
    'latency',
    'stall',
    'reset',
    'truncate',
    'lose answer',
    ...(store === 's3' ? (['503', '503'] as const) : []),
  ] as const
  const kind = random.pick(kinds)
  switch (kind) {
    case 'latency':
      return { kind, ms: 1 + random.below(40) }
    case 'stall':
      return { kind, ms: 50 + random.below(250) }
    case 'truncate':
      return { kind, bytes: random.below(2_000) }
    default:
      return { kind }
  }
}
