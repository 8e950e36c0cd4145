import { resolve } from 'node:path'
import { parseUrl } from '@shardex/storage'
import { describe, expect, test } from 'vitest'

describe('URLs', () => {
  test.each([
    ['/data/x.tar', { scheme: 'file', path: '/data/x.tar' }],
    ['x.tar', { scheme: 'file', path: resolve('x.tar') }],
    ['./a:b.tar', { scheme: 'file', path: resolve('a:b.tar') }],
    ['/data/50%25 #1?.tar', { scheme: 'file', path: '/data/50%25 #1?.tar' }],
    ['file:///data/a%20b.tar', { scheme: 'file', path: '/data/a b.tar' }],
    ['file:///data//x/', { scheme: 'file', path: '/data/x' }],
    ['file://localhost/data/x', { scheme: 'file', path: '/data/x' }],
    ['s3://bucket/a/b%20c?d#e.tar', { scheme: 's3', bucket: 'bucket', key: 'a/b%20c?d#e.tar' }],
    ['s3://bucket/line\u2028separator', { scheme: 's3', bucket: 'bucket', key: 'line\u2028separator' }],
    ['S3://bucket', { scheme: 's3', bucket: 'bucket', key: '' }],
    ['s3://bucket/', { scheme: 's3', bucket: 'bucket', key: '' }],
    ['https://host:8443/p/x.tar?sig=1', { scheme: 'https', url: new URL('https://host:8443/p/x.tar?sig=1') }],
    ['http://host/x', { scheme: 'http', url: new URL('http://host/x') }],
  ])('reads %s', (text, wanted) => {
    expect(parseUrl(text)).toEqual(wanted)
  })

  test.each([
    '',
    'pipe:cat /etc/passwd',
    'PIPE:cat',
    'gs://bucket/x',
    'ftp://host/x',
    'a:b.tar',
    'data:,x',
    'javascript:1',
    's3:///key',
    's3:bucket/key',
    's3://b',
    's3://bad bucket/x',
    'http://',
    'http://[bad/x',
    'file://elsewhere/x',
    'file:///a%2Fb',
    'file:///a%00b',
    'file:///a%0Ab',
    'nul\0',
    '/new\nline',
    '/lone\ud800',
  ])('refuses %j as url.invalid', (text) => {
    expect(() => parseUrl(text)).toThrow(expect.objectContaining({ code: 'url.invalid' }))
  })

  test('refuses a long one in no time', () => {
    const start = process.cpuUsage()
    expect(() => parseUrl(`s3://${'b'.repeat(100_000)}/\u2028`)).toThrow(expect.objectContaining({ code: 'url.invalid' }))
    expect(process.cpuUsage(start).user).toBeLessThan(1_000_000) // µs of its own, however long others had their turn
  })

  test('names what is supported', () => {
    expect(() => parseUrl('gs://bucket/x')).toThrow(/scheme gs:; wanted a path, file:\/\/\/path, s3:\/\/bucket\/key, http/)
  })

  test.each(['s3://AKIA:verysecret@bucket/key', 'https://user:verysecret@host/x', 'http://verysecret@host/x'])(
    'refuses credentials inside %s without repeating them',
    (text) => {
      expect(() => parseUrl(text)).toThrow(/credentials inside/)
      expect(() => parseUrl(text)).toThrow(expect.not.objectContaining({ message: expect.stringContaining('verysecret') }))
    },
  )
})
