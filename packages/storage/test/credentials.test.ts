import { writeFile } from 'node:fs/promises'
import { inspect } from 'node:util'
import { openS3Store, openStorage, readS3Credentials } from '@shardex/storage'
import { describe, expect, test } from 'vitest'
import { tempDir } from '../../../test/services/index.ts'
import { codeOf, rejection } from '../src/testing/store-under-test.ts'

const KEYS = { AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 'verysecret' }

describe('S3 credentials', () => {
  test('come from a .env file, which may leave out the endpoint', async () => {
    await using directory = await tempDir('credentials')
    await writeFile(
      directory.file('.env'),
      '# comment\nAWS_ENDPOINT="http://127.0.0.1:9000"\nexport AWS_ACCESS_KEY_ID=AKIA\nAWS_SECRET_ACCESS_KEY=\'very#secret\'\nOTHER=1\n',
    )
    const found = readS3Credentials(directory.file('.env'))
    expect(found.AWS_ENDPOINT).toBe('http://127.0.0.1:9000')
    expect(found.AWS_ACCESS_KEY_ID).toBe('AKIA')
    expect(found.AWS_SECRET_ACCESS_KEY).toBe('very#secret')
    await writeFile(directory.file('.env'), 'AWS_ACCESS_KEY_ID=AKIA\nAWS_SECRET_ACCESS_KEY=x\nAWS_ENDPOINT=\n')
    expect(readS3Credentials(directory.file('.env')).AWS_ENDPOINT).toBeUndefined()
  })

  test('come from an object or the environment, and can be read again', () => {
    const found = readS3Credentials({ ...process.env, ...KEYS, AWS_SESSION_TOKEN: 'alsosecret', AWS_REGION: 'eu-north-1' })
    expect(readS3Credentials(found).AWS_SECRET_ACCESS_KEY).toBe('verysecret')
    expect(readS3Credentials(found).AWS_SESSION_TOKEN).toBe('alsosecret')
    expect(readS3Credentials(found).AWS_REGION).toBe('eu-north-1')
  })

  test('do not show their secrets', async () => {
    const found = readS3Credentials({ ...KEYS, AWS_SESSION_TOKEN: 'alsosecret' })
    await using store = await openS3Store({ bucket: 'bucket', credentials: found })
    for (const shown of [JSON.stringify(found), inspect(found), inspect(store, { depth: 9 }), JSON.stringify(store)]) {
      expect(shown).not.toMatch(/verysecret|alsosecret/)
    }
  })

  test.each([
    [{}, ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']],
    [{ AWS_ACCESS_KEY_ID: 'AKIA' }, ['AWS_SECRET_ACCESS_KEY']],
    [{ AWS_SECRET_ACCESS_KEY: 'verysecret' }, ['AWS_ACCESS_KEY_ID']],
    [{ AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: 'verysecret' }, ['AWS_ACCESS_KEY_ID']],
  ])('name what is missing of %j', (source, missing) => {
    expect(() => readS3Credentials(source)).toThrow(
      expect.objectContaining({ code: 'credentials.missing', details: { source: 'the credentials object', missing } }),
    )
    expect(() => readS3Credentials(source)).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('verysecret') }),
    )
  })

  test('name the file that is missing or lacks a key', async () => {
    await using directory = await tempDir('credentials')
    await writeFile(directory.file('.env'), 'AWS_ACCESS_KEY_ID=AKIA\n')
    expect(() => readS3Credentials(directory.file('nowhere.env'))).toThrow(/nowhere\.env cannot be read/)
    expect(() => readS3Credentials(directory.file('.env'))).toThrow(
      expect.objectContaining({ details: { source: directory.file('.env'), missing: ['AWS_SECRET_ACCESS_KEY'] } }),
    )
    await using storage = openStorage({ s3: directory.file('.env') })
    expect(await codeOf(storage.locate('s3://bucket/key'))).toBe('credentials.missing')
  })

  test.each(['127.0.0.1:9000', 'ftp://host', 'http://user:verysecret@host', 'http://host/?x=1'])(
    'refuse the endpoint %s',
    async (endpoint) => {
      const error = await rejection(openS3Store({ bucket: 'bucket', credentials: { ...KEYS, AWS_ENDPOINT: endpoint } }))
      expect(error).toMatchObject({ code: 'config.invalid', details: { setting: 'AWS_ENDPOINT' } })
      expect(String(error)).not.toContain('verysecret')
    },
  )
})
