/** Repo on S3 with a credentials file, as `Repo({ s3Credentials, hivePath })`; without S3, the same on a directory. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Dataset, Repo } from 'shardex'
import { ImageSample, imageSamples } from './image-sample.ts'
import { openSetting, s3Credentials } from './setting.ts'

await using setting = await openSetting()
const { index, dir } = setting
const { SHARDEX_S3 } = process.env

let options: { root: string } | { s3Credentials: string; hivePath: string } = { root: join(dir, 'datasets') }
if (SHARDEX_S3 !== undefined) {
  // AWS_ENDPOINT=http://localhost:9000      (left out for AWS itself)
  // AWS_ACCESS_KEY_ID=your-access-key
  // AWS_SECRET_ACCESS_KEY=your-secret-key
  const file = join(dir, '.env')
  const lines = Object.entries(s3Credentials()).map(([name, value]) => `${name}=${value}\n`)
  await writeFile(file, lines.join(''), { mode: 0o600 })
  options = { s3Credentials: file, hivePath: SHARDEX_S3 }
}
await using repo = new Repo({ ...options, index })
const [, stored] = await repo.insert(Dataset.from(ImageSample, imageSamples(3)), 'from-a-file')
for await (const { label, image } of stored) console.log(label, image.shape)
