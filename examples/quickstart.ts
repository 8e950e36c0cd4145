/**
 * The main job on real input: emoji images (Twemoji, 64×64 PNG) with their names and categories go in, get a name and a CID, and come
 * back as typed, verified batches. On this machine alone, in `.shardex/`; with REDIS_URL, SHARDEX_S3 and the AWS_* variables set, the
 * same on Redis and S3.
 */
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { convertIndexedToRgb, decode } from 'fast-png'
import { LocalIndex, NDArray, Repo } from 'shardex'
import { s3Credentials } from './setting.ts'

process.env['SHARDEX_HOME'] ??= fileURLToPath(new URL('../.shardex', import.meta.url))
const emoji = dirname(fileURLToPath(import.meta.resolve('emoji-datasource-twitter/package.json')))
const insert = [
  'insert',
  join(emoji, 'img/twitter/64'),
  '--name',
  'emoji',
  '--labels',
  join(emoji, 'emoji.json'),
  '--schema-name',
  'emoji.Emoji',
  '--maxcount',
  '1000',
]

say('Images with labels go in: shards on disk or S3, an entry in the registry')
shardex(...insert)
shardex('ls')
shardex('show', 'emoji')

say('They come back as typed batches, every sample checked')
await using index = new LocalIndex()
const { SHARDEX_S3 } = process.env
await using repo = new Repo(
  SHARDEX_S3 === undefined ? { index } : { index, s3Credentials: s3Credentials(), hivePath: SHARDEX_S3 },
)
const dataset = await repo.open('emoji', { verify: 'sha256' })
const pixels = dataset.map((sample) => ({ pixels: rgba(sample['image'] as Uint8Array), category: String(sample['category']) }))
let batches = 0
let seen = 0
for await (const batch of pixels.shuffled({ seed: 7, batchSize: 32 })) {
  if (batches === 0)
    console.log(
      `first batch: pixels uint8 (${batch.pixels.shape.join(', ')}), category ${batch.category.slice(0, 4).join(', ')}, …`,
    )
  batches += 1
  seen += batch.length
}
console.log(`${batches} batches, ${seen} samples, each shard proved by its SHA-256`)

say('One sample by its key: one ranged read')
const grinning = await dataset.byKey('1f600')
if (grinning === undefined) throw new Error('the emoji 1f600 is missing')
console.log(
  `1f600 is "${String(grinning['name'])}" in ${String(grinning['category'])}, a PNG of ${(grinning['image'] as Uint8Array).length} bytes`,
)

say('Every byte is read again and held against the registry')
shardex('verify', 'emoji')

say('The same images go in again: the name moves on, the digests are the same')
const before = await index.getEntryByName('emoji')
shardex(...insert)
const after = await index.getEntryByName('emoji')
const digests = [before, after].map((entry) => entry?.shards?.map(({ sha256 }) => sha256.slice(0, 12)).join(' '))
console.log(
  `revision ${before?.revision}: ${digests[0]}\nrevision ${after?.revision}: ${digests[1]}\n${digests[0] === digests[1] ? 'the same' : 'DIFFERENT'}`,
)
if (digests[0] !== digests[1]) process.exitCode = 1
shardex('history', 'emoji')

console.log('\nYour turn: npm run shardex -- head emoji')

function say(what: string): void {
  console.log(`\n# ${what}`)
}

/** Run the command line as a person would. */
function shardex(...args: string[]): void {
  console.log(`\n$ shardex ${args.join(' ').replaceAll(emoji, 'node_modules/emoji-datasource-twitter')}`)
  const bin = fileURLToPath(new URL('../packages/cli/src/bin.ts', import.meta.url))
  const { status } = spawnSync(process.execPath, ['--conditions=@shardex/source', bin, ...args], { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}

/** Height, width and four channels of a PNG. */
function rgba(png: Uint8Array): NDArray<'uint8'> {
  const image = decode(png)
  const data = image.palette === undefined ? image.data : convertIndexedToRgb(image)
  const channels = data.length / (image.width * image.height)
  const out = new Uint8Array(image.width * image.height * 4).fill(255)
  for (let pixel = 0; pixel < image.width * image.height; pixel++) {
    for (let channel = 0; channel < Math.min(channels, 4); channel++) out[pixel * 4 + channel] = data[pixel * channels + channel]!
  }
  return NDArray.from(out, [image.height, image.width, 4])
}
