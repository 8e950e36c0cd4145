/** A data store without a registry: shards in, URLs out. `S3DataStore` on S3, `LocalDiskStore` on a directory. */
import { Dataset } from 'shardex'
import { ImageSample, imageSamples } from './image-sample.ts'
import { openSetting } from './setting.ts'

await using setting = await openSetting()
const { store } = setting

const urls = await store.writeShards(Dataset.from(ImageSample, imageSamples(25)), { prefix: 'datasets/v1', maxcount: 10 })
console.log(urls.length, urls[0]?.slice(-11)) // 3 '-000000.tar'
console.log(store.supportsStreaming()) // true
console.log(typeof store.readUrl(urls[0]!)) // the URL for programs without credentials of the store

const dataset = Dataset.from(ImageSample, urls, { storage: store.storage })
let count = 0
for await (const batch of dataset.ordered({ batchSize: 10 })) count += batch.length
console.log(count) // 25
