import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { describeS3, freshBucket, freshPrefix, freshRedis, redisUrl, run, tempDir } from '../services/index.ts'

const folder = fileURLToPath(new URL('../../examples/', import.meta.url))

/** What each example of the guide prints, as far as it is the same everywhere. */
const PRINTS: Record<string, RegExp[]> = {
  'add-and-list-entries.ts': [
    /^bafyrei[a-z2-7]{52}\nmy-dataset\n\[ 'data-\{000000\.\.000009\}\.tar' \]\nmy-dataset: bafyrei/,
    /1 entry\ntrue\nundefined\n$/,
  ],
  'connect.ts': [/^(sqlite: undefined\n|options: undefined\nclient: undefined\n)$/],
  'credentials-file.ts': [/^red \[ 16, 16, 3 \]\ngreen \[ 16, 16, 3 \]\nblue \[ 16, 16, 3 \]\n$/],
  'data-store.ts': [/^3 -000000\.tar\ntrue\nstring\n25\n$/],
  'insert.ts': [
    /training-images-v1\/data--[-0-9a-f]{36}--000000\.tar\n/,
    /\n1000\n4 shards\n\{000000\.\.000003\}\.tar\n/,
    /local:\/\/schemas\/mymodule\.ImageSample@1\.0\.0\n\{ description: 'Squares of one colour' \}\ntrue true\n$/,
  ],
  'query.ts': [
    /^398 found: \[ 9005, 9006, 9010, 9011 \]\n398 given, 398 different\n\{ body: 'review 9005', score: 1, language: 'en', __key__: '000009005' \}\n/,
    /\n\{ id: 0, stars: 5, split: 'train', text: 'better' \}\nbroken laws: \[\]\natdata:\/\/local\/lens\/line@1\.0\.0 \{ body: 'review 3', score: 4, language: 'en' \}\n$/,
  ],
  'resume.ts': [
    /^Error: the power failed\nundefined\n10000 samples, less than half of them sent again\n/,
    /\nten more samples cost one shard\n20 objects marked, 20 deleted\n$/,
  ],
  'schemas.ts': [
    /^local:\/\/schemas\/mymodule\.ImageSample@1\.0\.0\nImageSample 1\.0\.0 \[ 'image', 'label' \]\nImageSample@1\.0\.0\nred\ngreen\nblue\n$/,
  ],
  'train-digits.ts': [
    /^untrained: loss 2\.303, \d+\.\d % right\none rank, undisturbed: (loss 0\.\d+, 9\d\.\d % right)\n.*\nthree ranks, resumed: \1\nthe same weights, to the last bit\n$/,
  ],
  'training.ts': [
    /^\[ 32, 128 \] \[ 0, 1, 2 \]\n10000 samples in order\n\[ 128, 128 \]\n10000 samples given, 10000 different\n000001234 4 4\n$/,
  ],
}

/** Not programs, or run by a test of its own. */
const OTHERS = ['drawn-digits.ts', 'image-sample.ts', 'quickstart.ts', 'setting.ts']

function example(name: string, env: Record<string, string>): Promise<string> {
  return run(process.execPath, ['--conditions=@shardex/source', `${folder}${name}`], { NO_COLOR: '1', ...env })
}

test('every example is run', () => {
  const files = readdirSync(folder).filter((name) => name.endsWith('.ts'))
  expect(files.sort()).toEqual([...Object.keys(PRINTS), ...OTHERS].sort())
})

test.each(Object.keys(PRINTS))('%s runs on SQLite and disk', async (name) => {
  await using home = await tempDir('example')
  const printed = await example(name, { SHARDEX_HOME: home.path })
  for (const pattern of PRINTS[name] ?? []) expect(printed).toMatch(pattern)
})

const QUICKSTART_MS = 240_000
const QUICKSTART = [
  /^samples {2}3,786$/m,
  /first batch: pixels uint8 \(32, 64, 64, 4\)/,
  /119 batches, 3786 samples, each shard proved/,
  /1f600 is "GRINNING FACE" in Smileys & Emotion/,
  /ok: 3,786 samples/,
  /\nthe same\n/,
]

test('the quickstart runs on SQLite and disk', { timeout: QUICKSTART_MS }, async () => {
  await using home = await tempDir('quickstart')
  const printed = await example('quickstart.ts', { SHARDEX_HOME: home.path })
  for (const pattern of QUICKSTART) expect(printed).toMatch(pattern)
})

describeS3('on Redis and S3', (server) => {
  test.each(Object.keys(PRINTS))('%s runs', async (name) => {
    await using bucket = await freshBucket(server)
    const printed = await example(name, {
      REDIS_URL: redisUrl(),
      SHARDEX_KEY_PREFIX: freshPrefix(),
      SHARDEX_S3: `${bucket.name}/datasets`,
      AWS_ENDPOINT: server.endpoint,
      AWS_ACCESS_KEY_ID: server.accessKeyId,
      AWS_SECRET_ACCESS_KEY: server.secretAccessKey,
    })
    for (const pattern of PRINTS[name] ?? []) expect(printed).toMatch(pattern)
  })

  test('the quickstart runs', { timeout: QUICKSTART_MS }, async () => {
    await using bucket = await freshBucket(server)
    await using redis = await freshRedis()
    await using home = await tempDir('quickstart')
    const printed = await example('quickstart.ts', {
      SHARDEX_HOME: home.path,
      REDIS_URL: redis.url,
      SHARDEX_S3: `${bucket.name}/datasets`,
      AWS_ENDPOINT: server.endpoint,
      AWS_ACCESS_KEY_ID: server.accessKeyId,
      AWS_SECRET_ACCESS_KEY: server.secretAccessKey,
    })
    for (const pattern of QUICKSTART) expect(printed).toMatch(pattern)
    expect(printed).toContain(`s3://${bucket.name}/datasets/emoji/`)
  })
})
