/** A process that commits a name again and again, each time on top of what it saw: `writer.ts LOCATION ID COMMITS`. */
import { isShardexError } from '@shardex/errors'
import { type IndexLocation, LocalIndex } from '@shardex/index'

const [location = '', id = '', commits = '0'] = process.argv.slice(2)
await using index = new LocalIndex(JSON.parse(location) as IndexLocation)
for (let done = 0; done < Number(commits); ) {
  const seen = await index.getEntryByName('shared')
  try {
    await index.commitEntry({ name: 'shared', schemaRef: 'x', dataUrls: [`${id}-${done}`], ifRevision: seen?.revision ?? 0 })
    done++
  } catch (error) {
    if (!isShardexError(error, 'write.conflict')) throw error
  }
}
