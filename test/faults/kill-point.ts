import { isShardexError } from '@shardex/errors'
import type { InsertOptions } from '@shardex/repo'
import { type Random, randomOf } from '../fuzz/random.ts'
import type { Recipe } from './dataset.ts'
import { REGISTRIES, STORES } from './places.ts'

export const LAYOUTS = ['sequence', 'content'] as const

/** Where an insert goes, and how. */
export interface Setting {
  readonly registry: (typeof REGISTRIES)[number]
  readonly store: (typeof STORES)[number]
  readonly layout: (typeof LAYOUTS)[number]
}

/** Every one in turn, so that none is left out by chance. */
export const SETTINGS: readonly Setting[] = REGISTRIES.flatMap((registry) =>
  STORES.flatMap((store) => LAYOUTS.map((layout) => ({ registry, store, layout }))),
)

/** When to kill: at a share of what an undisturbed insert takes, of its time or of what it exchanges with servers. */
export interface Moment {
  readonly by: 'time' | 'exchange'
  readonly share: number
  /** Whether what was just sent still arrives. */
  readonly arrives: boolean
}

/** One insert that is killed, perhaps more than once, and what becomes of it. */
export interface KillPoint extends Setting {
  readonly number: number
  readonly recipe: Recipe
  /** The name points at another edition of it already. */
  readonly isTaken: boolean
  readonly moments: readonly Moment[]
  readonly fate: 'continue' | 'give up'
  readonly ingestId: string | undefined
}

export function killPoint(seed: number, number: number): KillPoint {
  const random = randomOf('kill', seed, number)
  const setting = SETTINGS[number % SETTINGS.length]!
  const isGivenUp = random.oneIn(5)
  return {
    ...setting,
    number,
    recipe: { ...RECIPE, largeAt: setting.store === 's3' && random.oneIn(4) ? 20 : undefined },
    isTaken: random.oneIn(2),
    moments: Array.from({ length: 1 + random.below(3) }, (_, attempt) => moment(random, setting, attempt)),
    fate: isGivenUp ? 'give up' : 'continue',
    // Without an id nobody can come back: such an insert has to be garbage.
    ingestId: isGivenUp && random.oneIn(2) ? undefined : `kill-${number}`,
  }
}

export function optionsOf({ layout, ingestId }: Pick<KillPoint, 'layout' | 'ingestId'>): InsertOptions {
  return { layout, maxcount: MAXCOUNT[layout], leaseMs: LEASE_MS, ...(ingestId !== undefined && { ingestId }) }
}

const RECIPE: Recipe = { count: 33, edition: 1 }

/** Six shards or so; in the layout `content` they are a quarter full on average. */
const MAXCOUNT = { sequence: 6, content: 24 }

/** Less than it takes to start another writer. */
export const LEASE_MS = 100

function moment(random: Random, { registry, store }: Setting, attempt: number): Moment {
  const isOnThisMachine = registry === 'sqlite' && store === 'disk'
  return {
    by: isOnThisMachine || random.oneIn(4) ? 'time' : 'exchange',
    // Who continues has less to do.
    share: (random.below(1000) / 1000) * (attempt === 0 ? 1.05 : 0.6),
    arrives: random.oneIn(2),
  }
}

/** Make a call again as long as another writer, who may be dead, has the lease. */
export async function oncePossible<T>(call: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call()
    } catch (error) {
      if (attempt === 50 || !isShardexError(error, 'ingest.busy')) throw error
      const { leaseLeftMs } = error.details
      await new Promise((resume) => setTimeout(resume, Math.min(leaseLeftMs, 1_000) + 1))
    }
  }
}
