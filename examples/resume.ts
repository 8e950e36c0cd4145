/** An insert that is cut off in the middle and goes on; versions that share their shards; and what is left over goes. */
import { collectGarbage, Dataset, defineSample, int, str, type WriteProgress } from 'shardex'
import { openSetting } from './setting.ts'

await using setting = await openSetting()
const { repo, index } = setting
const Review = defineSample('mymodule.Review', { id: int(), text: str() })

function* reviews(count: number, powerFailsAt = count) {
  for (let id = 0; id < count; id++) {
    if (id === powerFailsAt) throw new Error('the power failed')
    yield { id, text: `review ${id}` }
  }
}

// An ingestId makes an insert one that can be continued, by any process, after any crash
const options = { ingestId: 'reviews-2026-11-21', maxcount: 1000 }
await repo
  .insert(Dataset.from(Review, reviews(10_000, 9_500)), 'reviews', options)
  .catch((error: unknown) => console.log(String(error)))
console.log(await index.getEntryByName('reviews')) // undefined: nothing is visible before all of it is

// The same call again goes on after the last finished shard
let last: WriteProgress | undefined
const onProgress = (progress: WriteProgress) => {
  last = progress
}
const [entry] = await repo.insert(Dataset.from(Review, reviews(10_000)), 'reviews', { ...options, onProgress })
console.log(
  entry.sampleCount,
  'samples,',
  last!.sentBytes < entry.sizeBytes! / 2 ? 'less than half of them sent again' : 'all sent',
)

// With the layout 'content' equal shards are stored once, whatever stands around them
await repo.insert(Dataset.from(Review, reviews(10_000)), 'versions', { layout: 'content', maxcount: 400 })
const [second] = await repo.insert(Dataset.from(Review, reviews(10_010)), 'versions', {
  layout: 'content',
  maxcount: 400,
  onProgress,
})
console.log(last!.sentBytes < second.sizeBytes! / 20 ? 'ten more samples cost one shard' : 'all sent')

// What a deleted dataset leaves is marked first, and deleted by a later run
await index.deleteName('reviews')
await index.deleteEntry(entry.cid)
const storage = setting.store.storage
const first = await collectGarbage({ index, storage, graceMs: 0 })
const later = await collectGarbage({ index, storage, graceMs: 0 })
console.log(first.marked.objects, 'objects marked,', later.deleted.objects, 'deleted')
