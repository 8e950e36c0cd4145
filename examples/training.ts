/** From samples to batches: the whole way of a dataset. */
import { Dataset, defineSample, int, NDArray, ndarray, str } from 'shardex'
import { openSetting } from './setting.ts'

await using setting = await openSetting()
const { repo, index } = setting

// 1. Define the sample type
const TrainingSample = defineSample('mymodule.TrainingSample', {
  features: ndarray('float32', [128]),
  label: int(),
  source: str(),
})

// 2. Make samples: any iterable, or an async one
function* samples() {
  for (let i = 0; i < 10_000; i++) {
    const features = Float32Array.from({ length: 128 }, (_, k) => Math.sin(i + k))
    yield { features: NDArray.from(features), label: i % 10, source: 'synthetic' }
  }
}

// 3. Insert them
await repo.insert(Dataset.from(TrainingSample, samples()), 'training-v1')

// 4. Later, elsewhere: find the dataset by its name and stream it
const entry = await index.getEntryByName('training-v1')
if (entry === undefined) throw new Error('training-v1 is gone')
const dataset = Dataset.from(TrainingSample, entry, { storage: setting.store.storage })

let seen = 0
for await (const batch of dataset.ordered({ batchSize: 32 })) {
  if (seen === 0) console.log(batch.features.shape, batch.label.slice(0, 3)) // [ 32, 128 ] [ 0, 1, 2 ]
  seen += batch.length
}
console.log(seen, 'samples in order')

const epoch = dataset.shuffled({ seed: 1, batchSize: 128 })[Symbol.asyncIterator]()
console.log((await epoch.next()).value?.features.shape) // [ 128, 128 ]
await epoch.return?.()

// 5. Two ranks share an epoch; after some steps three others go on with it
const halves = [0, 1].map((rank) => dataset.shuffled({ seed: 1, epoch: 1, rank, worldSize: 2, batchSize: 32 }))
const given: string[] = []
let resume = ''
for (const half of halves) {
  let steps = 0
  for await (const batch of half) {
    given.push(...batch.samples.map(({ __key__ }) => __key__))
    if (++steps === 100) break
  }
  resume = half.state() // the same on both
}
for (const rank of [0, 1, 2]) {
  for await (const { __key__ } of dataset.shuffled({ resume, rank, worldSize: 3 })) given.push(__key__)
}
console.log(given.length, 'samples given,', new Set(given).size, 'different') // 10000, 10000

const one = await dataset.at(1234) // one ranged read
console.log(one.__key__, one.label, (await dataset.byKey('000001234'))?.label)
