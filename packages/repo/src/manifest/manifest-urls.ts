/** Where the two files of a manifest lie. */
export interface ManifestUrls {
  readonly header: string
  readonly samples: string
}

/**
 * Beside the shard, without its `.tar`: `train.v1.tar` has `train.v1.manifest.json` and `train.v1.manifest.parquet`. Works for keys as well.
 */
export function manifestUrls(shard: string): ManifestUrls {
  const stem = shard.endsWith('.tar') ? shard.slice(0, -'.tar'.length) : shard
  return { header: `${stem}.manifest.json`, samples: `${stem}.manifest.parquet` }
}
