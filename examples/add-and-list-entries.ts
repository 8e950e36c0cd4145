/** Entries that point at shards which lie somewhere already: adding, listing, finding. */
import { Dataset } from 'shardex'
import { ImageSample } from './image-sample.ts'
import { openSetting } from './setting.ts'

await using setting = await openSetting()
const { index } = setting

const dataset = Dataset.from(ImageSample, 'data-{000000..000009}.tar')
const added = await index.addEntry(dataset, {
  name: 'my-dataset',
  schemaRef: 'local://schemas/mymodule.ImageSample@1.0.0', // left out, the schema of the dataset is published
  metadata: { description: 'Training images' },
})
console.log(added.cid) // bafyreid…: the same in Python, here and in the atmosphere
console.log(added.name) // my-dataset
console.log(added.dataUrls) // [ 'data-{000000..000009}.tar' ]

for await (const entry of index.entries) console.log(`${entry.name}: ${entry.cid}`)
const all = await index.allEntries()
console.log(all.length, 'entry')

const byName = await index.getEntryByName('my-dataset')
const byCid = await index.getEntry(added.cid)
console.log(byName?.cid === byCid?.cid)
console.log(await index.getEntryByName('no-such-dataset')) // undefined: absence is not an error
