import { datasetOf, type Recipe } from './dataset.ts'
import { type Made, madeOf } from './invariants.ts'
import { optionsOf, type Setting } from './kill-point.ts'
import { openPlace } from './places.ts'
import { openRepo } from './repo-address.ts'
import { startWriter } from './start-writer.ts'

/** What an insert takes that nobody disturbs, in a process that is ready. */
export interface Course {
  readonly durationMs: number
  /** How often something passed between it and its servers. */
  readonly events: number
}

/** The shards that a recipe gives in a layout, wherever they lie. */
export const madeFrom: (recipe: Recipe, layout: Setting['layout']) => Promise<Made> = once(async (recipe, layout) => {
  await using place = await openPlace('sqlite', 'disk')
  await using repo = openRepo(place.direct)
  const [entry] = await repo.insert(datasetOf(recipe), 'undisturbed', optionsOf({ layout, ingestId: 'undisturbed' }))
  return madeOf(recipe, entry)
})

export const courseOf: (setting: Setting, recipe: Recipe) => Promise<Course> = once(async (setting, recipe) => {
  const { registry, store, layout } = setting
  await using place = await openPlace(registry, store)
  using writer = await startWriter()
  const start = performance.now()
  const options = optionsOf({ layout, ingestId: 'undisturbed' })
  const ending = await writer.insert({ address: place.proxied, name: 'undisturbed', recipe, options })
  if (ending === 'killed' || 'error' in ending)
    throw new Error(`an insert that nobody disturbs failed: ${JSON.stringify(ending)}`)
  return { durationMs: performance.now() - start, events: place.proxies.reduce((sum, proxy) => sum + proxy.events(), 0) }
})

/** Remember what came of the same arguments. */
function once<A extends readonly unknown[], T>(make: (...args: A) => Promise<T>): (...args: A) => Promise<T> {
  const made = new Map<string, Promise<T>>()
  return (...args) => {
    const key = JSON.stringify(args)
    const known = made.get(key) ?? make(...args)
    made.set(key, known)
    return known
  }
}
