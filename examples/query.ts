/** Ask for samples by their fields, read nothing else, and see them as another type. */
import { brokenLensLaws, Dataset, defineLens, defineSample, float, int, str } from 'shardex'
import { openSetting } from './setting.ts'

await using setting = await openSetting()
const { repo, index } = setting

const Review = defineSample('mymodule.Review', { id: int(), stars: int(), split: str(), text: str() })
const review = (id: number) => ({ id, stars: 1 + (id % 5), split: id < 9_000 ? 'train' : 'test', text: `review ${id}` })
const reviews = Array.from({ length: 10_000 }, (_, id) => review(id))

// A manifest beside each shard says what its samples hold; here of all fields but the text
await repo.insert(Dataset.from(Review, reviews), 'reviews', { maxcount: 1_000, manifest: { fields: { text: false } } })
const dataset = await repo.open('reviews', { type: Review })

// A question is data. Only the last of the ten shards can have an answer, and only what matches is read
const worst = dataset.query({ split: 'test', stars: { lte: 2 }, not: { id: { in: [9_000, 9_001] } } })
const ids = []
for await (const { id } of worst) ids.push(id)
console.log(ids.length, 'found:', ids.slice(0, 4))

// It is a dataset: shuffled, shared by ranks, stopped and gone on with
const given: unknown[] = []
const epoch = worst.shuffled({ seed: 7 })
for await (const { id } of epoch) if (given.push(id) === 100) break
const ranks = [0, 1, 2].map((rank) => worst.shuffled({ resume: epoch.state(), rank, worldSize: 3 }))
for (const rank of ranks) for await (const { id } of rank) given.push(id)
console.log(given.length, 'given,', new Set(given).size, 'different')

// A lens shows samples as another type, and brings changes back
const Line = defineSample('mymodule.Line', { body: str(), score: float(), language: str() })
const lens = defineLens(Review, Line, {
  fields: { body: 'text', score: { field: 'stars', cast: 'float' }, language: { const: 'en' } },
})
for await (const line of worst.as(lens).take(1)) console.log(line)
console.log(lens.put({ body: 'better', score: 5, language: 'en' }, review(0)))
console.log('broken laws:', brokenLensLaws(lens, review(0), lens.get(review(1)), lens.get(review(2))))

// It is kept in the registry as data, never as code
const ref = await index.storeLens(lens, { name: 'line' })
const loaded = await index.loadLens(ref)
console.log(ref, loaded.get(review(3)))
