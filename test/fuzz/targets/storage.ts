import { deepStrictEqual, ok } from 'node:assert'
import { isAbsolute, join, posix } from 'node:path'
import { pathToFileURL } from 'node:url'
import { assertObjectKey, expandBraces, parseUrl } from '@shardex/storage'
import { assertSampleKey, keyOfPath } from '../../../packages/cli/src/sources/sample-key.ts'
import { memberOf } from '../../../packages/repo/src/shard/keys.ts'
import { braceVectors } from '../corpus/vectors.ts'
import { mutateTextWith } from '../mutate/text.ts'
import { type Target, target } from '../target.ts'

const LIMIT = 10_000
const ROOT = '/root/of/store'
const KEYS = ['a', 'train/000017', 'images/é/x.png', 'k.tar.idx', 'a b/c', `${'d/'.repeat(200)}k`, '__key__/x', 'C:/x']

export const storageTargets: readonly Target[] = [
  target<string>({
    name: 'braces',
    corpus: () => [
      ...braceVectors(),
      's3://bucket/train-{000000..000123}.tar',
      '{a,{b,c{1..3}}}\\{x\\}',
      '{0..9}{a..z}{A,B}',
      '{10..-10..3}',
    ],
    mutate: mutateTextWith([
      ...'{},\\-',
      '..',
      '{}',
      '{,}',
      '{a}',
      '{0..9}',
      '{000..9999}',
      '{z..a..2}',
      '{0..9999..0}',
      '{1..9007199254740991}',
    ]),
    run(pattern) {
      const strings = expandBraces(pattern, { limit: LIMIT })
      ok(strings.length > 0 && strings.length <= LIMIT)
      return strings.length
    },
  }),
  target<string>({
    name: 'url',
    corpus: () => [
      ...[
        'data/a.tar',
        '/data/b c.tar',
        'file:///data/%C3%A9.tar',
        's3://bucket/key/x.tar',
        's3://my.bucket-1',
        'http://[::1]:80/x?y#z',
      ],
      ...[
        'https://example.org/data-000000.tar',
        'file://localhost/x',
        'C:\\x.tar',
        'https://user:pass@host/x',
        's3://key@bucket/x',
      ],
    ],
    mutate: mutateTextWith([
      ...':/@?#%\\.[]',
      '//',
      'file:',
      's3://',
      'http://',
      'https:',
      '..',
      '%2e%2e%2f',
      '%00',
      '%2F',
      'localhost',
      'user:pw@',
    ]),
    run(text) {
      const url = parseUrl(text)
      if (url.scheme === 'file') {
        ok(isAbsolute(url.path) && !/\p{Cc}/u.test(url.path), `an unsafe path ${JSON.stringify(url.path)}`)
        deepStrictEqual(parseUrl(pathToFileURL(url.path).href), url)
        return url
      }
      if (url.scheme === 's3') {
        ok(!/[@/]/.test(url.bucket) && url.bucket !== '')
        return url
      }
      ok(url.url.username === '' && url.url.password === '' && url.url.protocol === `${url.scheme}:`)
      return url.url.href
    },
  }),
  target<string>({
    name: 'object-key',
    corpus: () => KEYS,
    mutate: mutateTextWith(['/', '..', '.', '//', '../', '/./', '\\', '.tmp']),
    run(key) {
      assertObjectKey(key)
      staysInside(key)
    },
  }),
  target<string>({
    name: 'sample-key',
    corpus: () => KEYS,
    mutate: mutateTextWith(['/', '..', '.', '//', '../', '/./', '\\', '__x__', '__']),
    run(text) {
      const fromPath = attempt(() => assertSampleKey(keyOfPath(text), 'here'))
      if (fromPath !== undefined) staysInside(fromPath)
      const accepted = attempt(() => assertSampleKey(text, 'here'))
      if (accepted !== undefined) staysInside(accepted)
      const { key, name } = memberOf(text)
      staysInside(key)
      deepStrictEqual(Buffer.from(name).toString(), `${key}.msgpack`)
      return name
    },
  }),
]

function staysInside(key: string): void {
  const path = join(ROOT, key)
  ok(
    path.startsWith(`${ROOT}/`) && path === `${ROOT}/${key}` && posix.normalize(key) === key,
    `${JSON.stringify(key)} leads elsewhere`,
  )
}

/** A refusal here must not hide what comes after it. */
function attempt<T>(run: () => T): T | undefined {
  try {
    return run()
  } catch (error) {
    if (error instanceof Error && error.name === 'ShardexError') return undefined
    throw error
  }
}
