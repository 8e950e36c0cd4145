import { expect } from 'vitest'
import { type S3Server, s3Servers } from '../services/index.ts'
import { collectAll } from './collect-all.ts'
import { datasetOf } from './dataset.ts'
import { expectNothingHalf, expectNothingLeft, expectWhole } from './invariants.ts'
import { type KillPoint, type Moment, oncePossible, optionsOf, SETTINGS } from './kill-point.ts'
import { openPlace, type Place } from './places.ts'
import { openRepo } from './repo-address.ts'
import { type Ending, startWriter, type Writer } from './start-writer.ts'
import { type Course, courseOf, madeFrom } from './undisturbed.ts'
import type { Acknowledged, Job } from './writer.ts'

/** What lies in the store and is none of shardex's business, also where it looks. */
const PLANTED = ['team/', ''].flatMap((folder) => [
  `${folder}notes.txt`,
  `${folder}target/data--mine.tar`,
  `${folder}target/data--5f4b7f0a-2a0e-4d0c-9d53-0d6f1c1f7a11--000000.tar`,
  `${folder}content/5f4b7f0a-2a0e-4d0c-9d53-0d6f1c1f7a11/${'0'.repeat(64)}.tar`,
])

/** How the attempts of one point ended, for the tally. */
export type Endings = readonly ('killed' | 'acknowledged' | 'busy')[]

/** Kill an insert, look at what can be seen after each time, go on or give up, collect garbage, and look at what lies there. */
export async function runKillPoint(point: KillPoint): Promise<Endings> {
  const { recipe, layout } = point
  const earlierRecipe = { ...recipe, edition: 0, largeAt: undefined }
  const [made, earlier] = await Promise.all([madeFrom(recipe, layout), madeFrom(earlierRecipe, layout)])
  await using place = await openPlace(point.registry, point.store, { s3: point.store === 's3' ? s3Server(point) : undefined })
  await using repo = openRepo(place.direct)
  const planted = new Map(PLANTED.map((key) => [key, `somebody's ${key}`]))
  for (const [key, bytes] of planted) await place.plant(key, bytes)
  const other = point.isTaken ? 'target' : 'earlier'
  await repo.insert(datasetOf(earlierRecipe), other, optionsOf({ layout, ingestId: undefined }))

  const options = optionsOf(point)
  const allowed = [made, point.isTaken ? earlier : undefined]
  const endings: Endings[number][] = []
  const read = new Set<string>()
  let acknowledged: Acknowledged | undefined
  for (const moment of point.moments) {
    const job: Job = { address: place.proxied, name: 'target', recipe, options }
    const ending = await killedAt(moment, job, place, await courseOf(point, recipe))
    endings.push(ending === 'killed' ? ending : 'entry' in ending ? 'acknowledged' : 'busy')
    if (ending !== 'killed' && 'entry' in ending) acknowledged = ending.entry
    await expectNothingHalf(repo, 'target', acknowledged === undefined ? allowed : [made], read)
    if (acknowledged !== undefined) break
  }
  if (point.fate === 'continue') {
    const insert = () => repo.insert(datasetOf(recipe), 'target', options)
    const [entry] = await oncePossible(insert)
    if (acknowledged !== undefined) expect(entry).toMatchObject(acknowledged)
    const [again] = await insert()
    expect([again.cid, again.revision]).toEqual([entry.cid, entry.revision])
  }
  await collectAll(repo)
  await expectNothingLeft(place, repo, planted)
  // Now that everything is gone that may go.
  await expectNothingHalf(repo, 'target', point.fate === 'continue' || acknowledged !== undefined ? [made] : allowed)
  await expectWhole(repo, other, earlier, { at: { revision: 1 } })
  return endings
}

/** One after the other, of those of the run. */
function s3Server({ number }: KillPoint): S3Server {
  const servers = s3Servers()
  return servers[Math.floor(number / SETTINGS.length) % servers.length]!
}

async function killedAt(moment: Moment, job: Job, place: Place, course: Course): Promise<Ending> {
  using writer = await startWriter()
  const ended = writer.insert(job)
  if (moment.by === 'time') {
    const timer = setTimeout(() => writer.signal('SIGKILL'), moment.share * course.durationMs)
    return assertExpected(await ended.finally(() => clearTimeout(timer)))
  }
  killAtExchange(writer, moment, place, Math.floor(moment.share * course.events))
  return assertExpected(await ended)
}

function killAtExchange(writer: Writer, { arrives }: Moment, { proxies }: Place, at: number): void {
  let events = 0
  for (const proxy of proxies) {
    proxy.faultAt = () => {
      if (events++ !== at) return undefined
      writer.signal('SIGKILL')
      return arrives ? undefined : { kind: 'reset' }
    }
  }
}

/** Whoever is not killed has it, or is told that the one before may still be at work. */
function assertExpected(ending: Ending): Ending {
  if (ending === 'killed' || 'entry' in ending || ending.error.code === 'ingest.busy') return ending
  throw new Error(`the writer was not killed and failed: ${ending.error.message}`)
}
