/** Schemas in the registry: publish, get, list, and make a sample type of one again. */
import { Dataset } from 'shardex'
import { ImageSample, imageSamples } from './image-sample.ts'
import { openSetting } from './setting.ts'

await using setting = await openSetting()
const { index, repo } = setting

const ref = await index.publishSchema(ImageSample, { version: '1.0.0', description: 'Image with label annotation' })
console.log(ref) // local://schemas/mymodule.ImageSample@1.0.0

const schema = await index.getSchema(ref)
console.log(
  schema?.name,
  schema?.version,
  schema?.fields.map((field) => field.name),
)

for await (const { name, version } of index.listSchemas()) console.log(`${name}@${version}`)

// Another program, which does not know the type, reads the data with the schema that the entry names.
const [entry] = await repo.insert(Dataset.from(ImageSample, imageSamples(3)), 'colours')
const SampleType = await index.decodeSchema(entry.schemaRef)
const dataset = Dataset.from(SampleType, entry, { storage: setting.store.storage })
for await (const sample of dataset) console.log(sample['label'])
