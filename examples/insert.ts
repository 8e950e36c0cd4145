/** Repo: samples become shards in the store and an entry in the registry, in one step. */
import { Dataset } from 'shardex'
import { ImageSample, imageSamples } from './image-sample.ts'
import { openSetting } from './setting.ts'

await using setting = await openSetting()
const { repo, index } = setting

const dataset = Dataset.from(ImageSample, imageSamples(1000), { metadata: { description: 'Squares of one colour' } })
const [entry, stored] = await repo.insert(dataset, 'training-images-v1', {
  cacheLocal: false, // stream straight into the store
})
console.log(entry.cid)
console.log(stored.url) // where the data lies
console.log(stored.shardList) // each shard
console.log(stored.length) // 1000, known without reading

const [, sharded] = await repo.insert(Dataset.from(ImageSample, imageSamples(1000)), 'my-dataset', {
  cacheLocal: true, // write a shard to a local file first, then copy it
  maxcount: 300, // samples per shard
  maxsize: 100_000_000, // bytes per shard
})
console.log(sharded.shardList.length, 'shards')
console.log(sharded.url.slice(-20)) // {000000..000003}.tar: all of them as one pattern

const again = await index.getEntryByName('training-images-v1')
console.log(again?.schemaRef) // local://schemas/mymodule.ImageSample@1.0.0
console.log(again?.metadata)
console.log(again?.wdsUrl === again?.dataUrls[0], again?.sampleKind === again?.schemaRef) // for readers of the oldest entries
