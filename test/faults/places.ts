import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import {
  CreateMultipartUploadCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { freshBucket, freshPrefix, redisUrl, type S3Server, s3Client, s3Servers, tempDir } from '../services/index.ts'
import { type FaultProxy, openProxy } from './proxy.ts'
import type { RegistryAddress, RepoAddress, StoreAddress } from './repo-address.ts'

export const REGISTRIES = ['sqlite', 'redis'] as const
export const STORES = ['disk', 's3'] as const

/** A registry and a store of a test's own, and how to look at them behind the back of everybody. */
export interface Place extends AsyncDisposable {
  /** Where they are. */
  readonly direct: RepoAddress
  /** The same by way of the proxies. */
  readonly proxied: RepoAddress
  /** In front of Redis and of S3, so far as these are used. */
  readonly proxies: readonly FaultProxy[]
  /** Every file or object, temporary ones too, and every unfinished upload, by its key with a `?` behind it. */
  leftovers(): Promise<string[]>
  /** Write something that is nobody's business here. */
  plant(key: string, bytes: string): Promise<void>
  read(key: string): Promise<Buffer>
  /** The key of the object that a URL of this place stands for. */
  keyOf(url: string): string
}

export interface PlaceOptions {
  /** Folders of a test's own for the registry and the store, if they are on this machine. */
  readonly folders?: { readonly registry: string; readonly store: string } | undefined
  readonly redis?: string | undefined
  readonly s3?: S3Server | undefined
}

export async function openPlace(
  registry: (typeof REGISTRIES)[number],
  store: (typeof STORES)[number],
  options: PlaceOptions = {},
): Promise<Place> {
  await using undo = new AsyncDisposableStack()
  const redis = registry === 'redis' ? (options.redis ?? redisUrl()) : undefined
  const s3 = store === 's3' ? (options.s3 ?? s3Servers()[0]) : undefined
  const dir = undo.use(await tempDir('faults'))
  const folders = options.folders ?? { registry: dir.file('registry'), store: dir.file('store') }
  const proxies: FaultProxy[] = []
  const inFrontOf = async (url: string): Promise<string> => {
    const { hostname, port } = new URL(url)
    const proxy = undo.use(await openProxy({ host: hostname, port: Number(port) }))
    proxies.push(proxy)
    return url.replace(`${hostname}:${port}`, `127.0.0.1:${proxy.port}`)
  }
  let registryAddresses: [RegistryAddress, RegistryAddress]
  if (redis === undefined) {
    const file = { path: join(folders.registry, 'index.db') }
    registryAddresses = [file, file]
  } else {
    const keyPrefix = freshPrefix()
    registryAddresses = [
      { redis, keyPrefix },
      { redis: await inFrontOf(redis), keyPrefix },
    ]
  }
  const objects = s3 === undefined ? await onDisk(folders.store) : undo.use(await inBucket(s3))
  const storeAddresses: [StoreAddress, StoreAddress] =
    s3 === undefined
      ? [objects.address, objects.address]
      : [
          objects.address,
          { ...objects.address, s3Credentials: { ...credentialsOf(s3), AWS_ENDPOINT: await inFrontOf(s3.endpoint) } },
        ]
  const owned = undo.move()
  return {
    ...objects,
    direct: { registry: registryAddresses[0], store: storeAddresses[0] },
    proxied: { registry: registryAddresses[1], store: storeAddresses[1] },
    proxies,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

type Objects = Pick<Place, 'leftovers' | 'plant' | 'read' | 'keyOf'> & { readonly address: StoreAddress }

async function onDisk(root: string): Promise<Objects> {
  await mkdir(root)
  return {
    address: { root },
    async leftovers() {
      const found = await readdir(root, { recursive: true, withFileTypes: true })
      return found
        .filter((entry) => !entry.isDirectory())
        .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    },
    async plant(key, bytes) {
      await mkdir(dirname(join(root, key)), { recursive: true })
      await writeFile(join(root, key), bytes)
    },
    read: (key) => readFile(join(root, key)),
    keyOf: (url) => url.slice(root.length + 1),
  }
}

async function inBucket(server: S3Server): Promise<Objects & AsyncDisposable> {
  const bucket = await freshBucket(server)
  const client = s3Client(server)
  const Bucket = bucket.name
  // Somebody else's, and not ours to abort.
  await client.send(new CreateMultipartUploadCommand({ Bucket, Key: 'elsewhere/upload' }))
  return {
    address: { s3Credentials: credentialsOf(server), hivePath: `${Bucket}/team` },
    async leftovers() {
      const [{ Contents = [], IsTruncated }, { Uploads = [] }] = await Promise.all([
        client.send(new ListObjectsV2Command({ Bucket })),
        client.send(new ListMultipartUploadsCommand({ Bucket })),
      ])
      if (IsTruncated) throw new Error('more objects than this test can look at')
      const uploads = Uploads.map(({ Key }) => `${Key}?`).filter((key) => key !== 'elsewhere/upload?')
      if (uploads.length === Uploads.length) throw new Error('the unfinished upload of somebody else is gone')
      return [...Contents.map(({ Key = '' }) => Key), ...uploads]
    },
    async plant(Key, Body) {
      await client.send(new PutObjectCommand({ Bucket, Key, Body }))
    },
    async read(Key) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }))
      return Buffer.from((await Body?.transformToByteArray()) ?? [])
    },
    keyOf: (url) => url.slice(`s3://${Bucket}/`.length),
    async [Symbol.asyncDispose]() {
      client.destroy()
      await bucket[Symbol.asyncDispose]()
    },
  }
}

function credentialsOf({ endpoint, accessKeyId, secretAccessKey, region }: S3Server): NonNullable<StoreAddress['s3Credentials']> {
  return { AWS_ENDPOINT: endpoint, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_REGION: region }
}
