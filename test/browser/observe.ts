/** What `shardex/read` gives. */
export type Read = typeof import('shardex/read')

/** Everything that the reading half does, as data that can be compared. Runs in Node and, by its source text, in a browser. */
export async function observe(read: Read, url: string): Promise<Readonly<Record<string, unknown>>> {
  const { Dataset, NDArray, StaticIndex, isShardexError, mix, verifyProof } = read
  const plain = (value: unknown): unknown => {
    if (value instanceof NDArray) return [value.dtype, value.shape, plain(value.bytes)]
    if (value instanceof Uint8Array) return Array.from(value).join(' ')
    if (typeof value === 'bigint') return `${value}n`
    if (Array.isArray(value)) return value.map(plain)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]))
  }
  const all = async (samples: AsyncIterable<object>): Promise<unknown> => {
    const found: unknown[] = []
    for await (const sample of samples) found.push(plain(sample))
    return found
  }
  const refusal = async (call: () => Promise<unknown>): Promise<unknown> => {
    try {
      return await call()
    } catch (error) {
      return isShardexError(error) ? [error.code, plain(error.details)] : String(error)
    }
  }

  const index = new StaticIndex(url)
  const entry = (await index.getEntryByName('pictures'))!
  const type = await index.decodeSchema(entry.schemaRef)
  const arrays = (await index.getEntryByName('pixels'))!
  const dataset = Dataset.from(type, entry, { verify: 'sha256' })
  const [id] = await Promise.all([dataset.byKey('000000017'), dataset.at(3)])
  const proof = (await dataset.prove('000000017'))!
  const payload = type.pack(id!)
  const halfway = dataset.shuffled({ seed: 5, epoch: 2, rank: 1, worldSize: 3, batchSize: 4 })
  const parts = [
    { dataset, weight: 3 },
    { dataset: Dataset.from(await index.decodeSchema(arrays.schemaRef), arrays), weight: 1 },
  ]
  const mixed = mix(parts, { seed: 9, until: 'all_exhausted' })
  const taken: unknown[] = []
  for await (const batch of halfway) {
    taken.push(plain(batch.samples))
    if (taken.length === 2) break
  }
  const halfMixed = mix(parts, { seed: 9, until: 'all_exhausted', rank: 1, worldSize: 3 })
  let left = 7
  for await (const _ of halfMixed) if (--left === 0) break
  return {
    names: await index.listNames(),
    entry: plain(entry),
    schema: plain(await index.getSchema(entry.schemaRef)),
    ordered: await all(dataset),
    filtered: await all(dataset.filter((sample) => Number(sample['id']) % 5 === 0).take(4)),
    queried: await all(dataset.query({ id: { gte: 20, lt: 25 } })),
    arrays: await all(Dataset.from(await index.decodeSchema(arrays.schemaRef), arrays).take(3)),
    byKey: plain(id),
    proof: plain(proof),
    verdicts: [payload, payload.slice(1)].map((bytes) =>
      verifyProof(entry.contentCid!, { key: '000000017', payload: bytes }, proof),
    ),
    taken,
    state: halfway.state(),
    resumed: await all(dataset.shuffled({ resume: halfway.state(), rank: 0, worldSize: 2 })),
    mixed: await all(mixed),
    mixState: mixed.state(),
    remixed: await all(mix(parts, { resume: halfMixed.state(), until: 'all_exhausted', rank: 1, worldSize: 2 })),
    unindexed: await all(Dataset.from({ unpack: (bytes) => ({ bytes }) }, `${url}foreign.tar`)),
    refusals: [
      await refusal(() => all(Dataset.from(type, `${url}nothing.tar`))),
      await refusal(() => dataset.at(1000)),
      await refusal(() => new StaticIndex(`${url}broken/`).getEntryByName('pictures')),
    ],
  }
}
