/** The roots of all keys, in the order in which the scripts get them. A key is a root alone, or a root and a name, a CID or a type. */
export interface Keys {
  readonly roots: readonly string[]
  /** Atdata's own keys, whose tails are a cid, `name@version`, `TypeName@version`, `name@version` and a uuid. */
  readonly entry: string
  readonly label: string
  readonly schema: string
  readonly lens: string
  readonly basicEntry: string
  /** Holds the number of the layout of our keys. Absent: shardex has not touched this database yet. */
  readonly layout: string
  readonly names: string
  readonly entries: string
  readonly labels: string
  readonly schemas: string
  readonly ingests: string
  /** In their order. */
  readonly garbage: string
}

/** The only place that spells keys. `prefix` stands before atdata's keys too: with one, atdata does not see this index. */
export function keysUnder(prefix: string): Keys {
  const entry = `${prefix}LocalDatasetEntry:`
  const label = `${prefix}Label:`
  const schema = `${prefix}LocalSchema:`
  const lens = `${prefix}LocalLens:`
  const names = `${prefix}shardex:names`
  const entries = `${prefix}shardex:entries`
  const labels = `${prefix}shardex:labels`
  const schemas = `${prefix}shardex:schemas`
  const ingests = `${prefix}shardex:ingests`
  const garbage = `${prefix}shardex:garbage`
  return {
    entry,
    label,
    schema,
    lens,
    basicEntry: `${prefix}BasicIndexEntry:`,
    layout: `${prefix}shardex:layout`,
    names,
    entries,
    labels,
    schemas,
    ingests,
    garbage,
    roots: [
      entry,
      label,
      schema,
      `${prefix}shardex:name:`,
      `${prefix}shardex:history:`,
      names,
      `${prefix}shardex:entry:`,
      entries,
      `${prefix}shardex:entry-names:`,
      `${prefix}shardex:entry-labels:`,
      labels,
      `${prefix}shardex:name-labels:`,
      schemas,
      `${prefix}shardex:schema-digests:`,
      `${prefix}shardex:sequence`,
      `${prefix}shardex:ingest:`,
      ingests,
      `${prefix}shardex:ingest-shards:`,
      `${prefix}shardex:open-ingests:`,
      `${prefix}shardex:marks`,
      garbage,
      `${prefix}shardex:registry`,
      lens,
      `${prefix}shardex:lenses`,
    ],
  }
}

/** A SCAN pattern for everything that starts with these characters, whatever they are. */
export function globOf(start: string): string {
  return `${start.replace(/[\\*?[\]]/g, '\\$&')}*`
}
