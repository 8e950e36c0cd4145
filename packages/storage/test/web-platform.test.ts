import { afterEach, expect, test, vi } from 'vitest'
import type * as node from '../src/platform/node.ts'
import * as browser from '../src/platform/web.ts'

/** What a browser has must do for whatever was written for Node. */
const web: typeof node = browser

afterEach(() => vi.unstubAllGlobals())

test.each([
  ['data/x.tar', 'https://host/app/data/x.tar'],
  ['/x.tar', 'https://host/x.tar'],
  ['//other/x.tar', 'https://other/x.tar'],
])('in a browser %s is relative to the page', (text, url) => {
  vi.stubGlobal('location', { href: 'https://host/app/index.html?q#h' })
  expect(web.parsePath(text)).toMatchObject({ scheme: 'https', url: new URL(url) })
})

test('a page that lies on no web has nothing relative to it', () => {
  for (const location of [undefined, { href: 'about:blank' }, { href: 'file:///home/me/index.html' }]) {
    vi.stubGlobal('location', location)
    expect(() => web.parsePath('x.tar')).toThrow(expect.objectContaining({ code: 'url.invalid' }))
  }
})

test('what only a machine of its own has is refused with advice', async () => {
  expect(() => web.parseFileUrl('file:///etc/passwd')).toThrow(expect.objectContaining({ code: 'url.invalid' }))
  await expect(web.openFileStore('/data')).rejects.toMatchObject({ code: 'storage.unsupported', message: /https:\/\// })
  await expect(web.openS3Store({ bucket: 'b' })).rejects.toMatchObject({ code: 'storage.unsupported' })
  await expect(web.localFiles('/').open()).rejects.toMatchObject({ code: 'storage.unsupported' })
  for (const refused of [() => web.readS3Credentials('.env'), () => web.openCache({ dir: '/c', maxBytes: 1 })])
    expect(refused).toThrow(TypeError)
})
