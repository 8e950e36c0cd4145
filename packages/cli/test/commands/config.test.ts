import { homedir } from 'node:os'
import { readS3Credentials } from '@shardex/storage'
import { describe, expect, test } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { readEnvironment } from '../../src/read-environment.ts'
import { tempDir } from '../temp-dir.ts'

const KEYS = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret' }

describe('where things are', () => {
  test('by default in the home directory, without any server', () => {
    const home = `${homedir()}/.shardex`
    expect(config({})).toEqual({
      registry: { kind: 'sqlite', path: `${home}/index.db` },
      store: { kind: 'disk', root: `${home}/data` },
      atmosphere: { allowPrivate: false },
    })
  })

  test('the environment names the home, Redis and S3', () => {
    expect(config({}, { SHARDEX_HOME: 'h' })).toMatchObject({
      registry: { path: '/srv/h/index.db' },
      store: { root: '/srv/h/data' },
    })
    expect(config({}, { REDIS_URL: 'redis://r', SHARDEX_S3: 'bucket/a/b/', ...KEYS })).toMatchObject({
      registry: { kind: 'redis', url: 'redis://r' },
      store: { kind: 's3', bucket: 'bucket', prefix: 'a/b', credentials: { AWS_ACCESS_KEY_ID: 'id' } },
    })
  })

  test('flags beat the environment', () => {
    const env = { REDIS_URL: 'redis://r', SHARDEX_S3: 'bucket' }
    expect(config({ db: 'x.db', root: 'd' }, env)).toEqual({
      registry: { kind: 'sqlite', path: '/srv/x.db' },
      store: { kind: 'disk', root: '/srv/d' },
      atmosphere: { allowPrivate: false },
    })
    expect(config({ redis: 'redis://other', s3: 's3://other/p' }, env)).toMatchObject({
      registry: { url: 'redis://other' },
      store: { bucket: 'other', prefix: 'p' },
    })
    expect(config({ home: 'h' }, env)).toMatchObject({ registry: { kind: 'sqlite' }, store: { kind: 'disk' } })
  })

  test('without keys S3 uses the default chain of AWS', () => {
    expect(config({ s3: 'bucket' }).store).toEqual({ kind: 's3', bucket: 'bucket', prefix: '', credentials: undefined })
  })

  test('accounts are looked up where the settings say, at addresses that could be', () => {
    const settings = { SHARDEX_PLC_URL: 'http://localhost:2582', SHARDEX_ALLOW_PRIVATE: '1' }
    expect(config({}, settings).atmosphere).toEqual({ plcUrl: 'http://localhost:2582', allowPrivate: true })
    expect(() => config({}, { SHARDEX_PLC_URL: 'plc.directory' })).toThrow('SHARDEX_PLC_URL')
    expect(() => config({}, { SHARDEX_HANDLE_RESOLVER: 'file:///x' })).toThrow('SHARDEX_HANDLE_RESOLVER')
    expect(() => config({}, { SHARDEX_ALLOW_PRIVATE: 'yes' })).toThrow('1 or 0')
  })

  test('half a pair of keys is refused, by name', () => {
    expect(() => config({ s3: 'bucket' }, { AWS_ACCESS_KEY_ID: 'id' })).toThrow('AWS_SECRET_ACCESS_KEY')
    expect(() => config({ s3: 'bucket' }, { AWS_ENDPOINT: 'http://s3' })).toThrow('AWS_ACCESS_KEY_ID')
  })

  test('what is no bucket is refused', () => {
    for (const s3 of ['', '/prefix', 'a b', 'http://host/bucket']) expect(() => config({ s3 }), s3).toThrow('BUCKET')
  })
})

describe('the environment', () => {
  test('stands above the .env of the working directory; empty is not set', async () => {
    await using dir = await tempDir()
    await dir.write('.env', 'REDIS_URL=redis://file\nSHARDEX_S3="bucket/p" # where\nSHARDEX_HOME=h\nPATH=/evil\n')
    expect(readEnvironment({ REDIS_URL: 'redis://env', SHARDEX_HOME: '' }, dir.path)).toEqual({
      REDIS_URL: 'redis://env',
      SHARDEX_S3: 'bucket/p',
      SHARDEX_HOME: 'h',
    })
  })

  test('alone says how accounts are found: a .env cannot send a password elsewhere', async () => {
    await using dir = await tempDir()
    const evil = 'http://127.0.0.1:666'
    await dir.write('.env', `SHARDEX_PLC_URL=${evil}\nSHARDEX_HANDLE_RESOLVER=${evil}\nSHARDEX_ALLOW_PRIVATE=1\n`)
    expect(readEnvironment({}, dir.path)).toEqual({})
    const own = { SHARDEX_PLC_URL: 'https://plc', SHARDEX_HANDLE_RESOLVER: 'https://pds', SHARDEX_ALLOW_PRIVATE: '0' }
    expect(readEnvironment(own, dir.path)).toEqual(own)
  })

  test.each([
    ['a byte order mark', '\ufeffAWS_ACCESS_KEY_ID=id\nAWS_SECRET_ACCESS_KEY=secret\n'],
    ['colons', 'AWS_ACCESS_KEY_ID: id\nAWS_SECRET_ACCESS_KEY: secret\n'],
    ['the line ends of old Macs', 'AWS_ACCESS_KEY_ID=id\rAWS_SECRET_ACCESS_KEY=secret\r'],
    ['quotes, exports and comments', 'export AWS_ACCESS_KEY_ID="id" # mine\nAWS_SECRET_ACCESS_KEY=`secret`\n'],
  ])('is read from a file with %s as the credentials file is', async (_, text) => {
    await using dir = await tempDir()
    const path = await dir.write('.env', text)
    expect(readEnvironment({}, dir.path)).toEqual(KEYS)
    const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = readS3Credentials(path)
    expect({ AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY }).toEqual(KEYS)
  })

  test('needs no .env, and does not mind a folder of that name', async () => {
    await using dir = await tempDir()
    expect(readEnvironment({}, dir.path)).toEqual({})
    await dir.write('.env/bin/python', '')
    expect(readEnvironment({}, dir.path)).toEqual({})
  })
})

function config(flags: Readonly<Record<string, string>>, settings: Readonly<Record<string, string>> = {}) {
  return readConfig({ text: (option) => flags[option] }, settings, '/srv')
}
