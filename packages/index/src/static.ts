/**
 * An index of files, to be read from any web server or bucket: in a browser as in Node.
 *
 * ```ts
 * import { StaticIndex } from '@shardex/index/static'
 * const entry = await new StaticIndex('https://data.example.org/index/').getEntryByName('photos')
 * ```
 * @module
 */
export type { Entry, Metadata, MetadataValue, ShardDescription } from './entry.ts'
export type { PublishedSchema } from './read-schema.ts'
export { StaticIndex } from './static/static-index.ts'
