import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { faultOfUrl } from '../../src/prepare/public-url.ts'

const codeOf = (url: string, allowPrivate = false): string | undefined => faultOfUrl(url, { allowPrivate })?.code

describe('a URL that everybody is shown', () => {
  test.each([
    'https://data.example.net/a.tar',
    'http://198.17.255.255/a.tar',
    'https://[2606:4700::1111]/a.tar?version=3',
    'https://11.0.0.1:9000/b/k%20.tar',
    'https://bücher.de/a.tar',
  ])('%s passes', (url) => {
    expect(faultOfUrl(url)).toBeUndefined()
  })

  test.each([
    ['/data/a.tar', 'url.local'],
    ['a.tar', 'url.local'],
    ['C\\data\\a.tar', 'url.local'],
    ['file:///data/a.tar', 'url.local'],
    ['FILE:/data/a.tar', 'url.local'],
    ['s3://bucket/a.tar', 'url.scheme'],
    ['pipe:cat a.tar', 'url.scheme'],
    ['gs://bucket/a.tar', 'url.scheme'],
    ['https://data.example.net/a-{000..009}.tar', 'url.pattern'],
    ['https://user:secret@data.example.net/a.tar', 'url.credentials'],
    ['https://user@data.example.net/a.tar', 'url.credentials'],
    ['https://b.s3.amazonaws.com/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=ab', 'url.credentials'],
    ['https://data.example.net/a.tar?token=abc', 'url.credentials'],
    ['https://data.example.net/a.tar#access_token=abc', 'url.credentials'],
    ['https://data.example.net/a.tar#part', 'url.invalid'],
    ['https://data.example.net/a.tar#', 'url.invalid'],
    ['https://', 'url.invalid'],
    ['https://a b.net/a.tar', 'url.invalid'],
    ['https://data.example.net/a\n.tar', 'url.invalid'],
    ['http://localhost/a.tar', 'url.private'],
    ['http://LOCALHOST./a.tar', 'url.private'],
    ['http://minio:9000/b/a.tar', 'url.private'],
    ['http://nas.local/a.tar', 'url.private'],
    ['http://db.internal/a.tar', 'url.private'],
    ['http://127.1/a.tar', 'url.private'],
    ['http://2130706433/a.tar', 'url.private'],
    ['http://0x7f.0.0.1/a.tar', 'url.private'],
    ['http://169.254.169.254/latest/meta-data', 'url.private'],
    ['http://[::1]/a.tar', 'url.private'],
    ['http://[::ffff:10.0.0.1]/a.tar', 'url.private'],
    ['http://[fe80::1]/a.tar', 'url.private'],
    ['http://[fd00::1]/a.tar', 'url.private'],
    ['http://[::127.0.0.1]/a.tar', 'url.private'],
    ['http://[fec0::1]/a.tar', 'url.private'],
    ['http://nas.localdomain/a.tar', 'url.private'],
    ['http://[64:ff9b::7f00:1]/a.tar', 'url.private'],
  ])('%s is refused as %s', (url, code) => {
    expect(codeOf(url)).toBe(code)
  })

  test('private ones pass where they are allowed, and nothing else does then', () => {
    expect(codeOf('http://localhost:9000/a.tar', true)).toBeUndefined()
    expect(codeOf('http://u:p@localhost/a.tar', true)).toBe('url.credentials')
    expect(codeOf('/a.tar', true)).toBe('url.local')
  })

  test.each(
    'auth jwt secret access_key accessKeyId credential credentials authorization OSSAccessKeyId x-oss-signature x-oss-credential security-token client_secret passwd'.split(
      ' ',
    ),
  )('has no %s', (key) => {
    expect(codeOf(`https://data.example.net/a.tar?v=1&${key}=abc`)).toBe('url.credentials')
  })

  const octet = fc.nat(255)
  const privateIPv4 = fc.oneof(
    fc.tuple(fc.constantFrom(10, 127, 0), octet, octet, octet),
    fc.tuple(fc.constant(172), fc.integer({ min: 16, max: 31 }), octet, octet),
    fc.tuple(fc.constant(192), fc.constant(168), octet, octet),
    fc.tuple(fc.constant(169), fc.constant(254), octet, octet),
    fc.tuple(fc.constant(100), fc.integer({ min: 64, max: 127 }), octet, octet),
  )
  /** Every way that a URL may spell an IPv4 address. */
  const spelled = fc
    .tuple(privateIPv4, fc.constantFrom('dotted', 'number', 'hex', 'octal', 'mapped'), fc.boolean())
    .map(([parts, how, dot]) => {
      const [a, b, c, d] = parts
      const number = ((a * 256 + b) * 256 + c) * 256 + d
      const hosts = {
        dotted: parts.join('.'),
        number: String(number),
        hex: `0x${number.toString(16)}`,
        octal: `0${a.toString(8)}.0x${b.toString(16)}.${c * 256 + d}`,
        mapped: `[::ffff:${parts.join('.')}]`,
      }
      return hosts[how as keyof typeof hosts] + (dot && how === 'dotted' ? '.' : '')
    })

  test('is never one of a private network, however its address is spelled', () => {
    fc.assert(
      fc.property(
        spelled,
        fc.constantFrom('http', 'https', 'HTTP'),
        fc.option(fc.integer({ min: 1, max: 65535 })),
        (host, scheme, port) => {
          expect(codeOf(`${scheme}://${host}${port === null ? '' : `:${port}`}/a.tar`)).toBe('url.private')
        },
      ),
    )
  })

  test('tells no user, password or signature, wherever they are', () => {
    const secret = fc.stringMatching(/^[a-zA-Z0-9]{1,20}$/)
    const key = fc.constantFrom('X-Amz-Signature', 'x-goog-signature', 'sig', 'Signature', 'AWSAccessKeyId', 'TOKEN', 'api_key')
    fc.assert(
      fc.property(secret, key, fc.boolean(), (text, name, inUser) => {
        const url = inUser ? `https://${text}:${text}@example.net/a` : `https://example.net/a?x=1&${name}=${text}`
        expect(codeOf(url, true)).toBe('url.credentials')
      }),
    )
  })

  test('is text that is judged without an error, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.webUrl(),
          fc.string().map((text) => `https://${text}`),
        ),
        (text) => {
          const fault = faultOfUrl(text)
          if (fault === undefined) {
            const url = new URL(text)
            expect(['http:', 'https:']).toContain(url.protocol)
            expect(url.username + url.password).toBe('')
          } else expect(fault.advice).not.toBe('')
        },
      ),
    )
  })
})
