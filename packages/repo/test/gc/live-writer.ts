/** A process that inserts, moves and purges datasets without a pause: `live-writer.ts PLACE ROUNDS`, or more rounds until its input ends. */
import { LocalIndex } from '@shardex/index'
import { Dataset, type InsertOptions, LocalDiskStore, Repo, S3DataStore } from '../../src/index.ts'
import { Tiny } from '../images.ts'
import type { LivePlace } from './live-place.ts'

const [place = '', rounds = '0'] = process.argv.slice(2)
const { index: location, disk, s3 } = JSON.parse(place) as LivePlace
await using index = new LocalIndex(location)
await using store = s3 === undefined ? new LocalDiskStore(disk) : new S3DataStore(s3)
await using repo = new Repo({ index, store })

let isEnough = false
process.stdin.resume().once('end', () => {
  isEnough = true
})

for (let round = 0; round < Number(rounds) * (isEnough ? 1 : 20); round++) {
  const name = `set ${round % 2}`
  const before = await index.getEntryByName(name)
  const options: InsertOptions = { layout: round % 3 === 0 ? 'sequence' : 'content', maxcount: 20 }
  // Half of the samples are those of some round before, so that their shards are garbage, or being deleted, or needed.
  const samples = Array.from({ length: 60 }, (_, i) => ({ id: i, label: `${i < 30 ? 'same' : round % 5} ${i}` }))
  const [entry] = await repo.insert(Dataset.from(Tiny, samples), name, options)
  if (before !== undefined && before.cid !== entry.cid && (await index.namesOf(before.cid)).length === 0)
    await index.deleteEntry(before.cid)
}
