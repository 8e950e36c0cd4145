import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import fc from 'fast-check'
import { extract } from 'tar-stream'
import { expect, test } from 'vitest'
import { faultOfKey, memberOf } from '../src/shard/keys.ts'
import { BLOCK_BYTES, headerBytes, padded, writeHeader } from '../src/tar/ustar-header.ts'

function tarOf(members: readonly { key: string; payload: Uint8Array }[]): Uint8Array {
  const parts: Uint8Array[] = []
  for (const { key, payload } of members) {
    const { name, ascii } = memberOf(key)
    const header = new Uint8Array(headerBytes(name, ascii)).fill(0xff) // whatever was in the buffer must not show
    expect(writeHeader(header, 0, name, ascii, payload.length)).toBe(header.length)
    parts.push(header, payload, new Uint8Array(padded(payload.length) - payload.length))
  }
  return Buffer.concat([...parts, new Uint8Array(2 * BLOCK_BYTES)])
}

async function untar(tar: Uint8Array): Promise<{ name: string; payload: Buffer; mtime: number; mode: number }[]> {
  const found = []
  for await (const member of Readable.from([tar]).pipe(extract())) {
    const parts: Uint8Array[] = []
    for await (const part of member) parts.push(part as Uint8Array)
    const { name, mtime, mode } = member.header
    found.push({ name, payload: Buffer.concat(parts), mtime: mtime?.getTime() ?? -1, mode: mode ?? -1 })
  }
  return found
}

const part = fc
  .string({ unit: fc.constantFrom('a', 'Z', '0', '-', '_', 'é', '漢', '😀'), minLength: 1, maxLength: 90 })
  .filter((text) => !/^__.*__$/s.test(text))
const key = fc
  .array(part, { minLength: 1, maxLength: 3 })
  .map((parts) => parts.join('/'))
  .filter((text) => faultOfKey(text) === undefined)

test('tar-stream reads back every member that we write', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ key, payload: fc.uint8Array({ maxLength: 1200 }) }), { maxLength: 4 }),
      async (members) => {
        const found = await untar(tarOf(members))
        expect(found).toEqual(
          members.map(({ key, payload }) => ({ name: `${key}.msgpack`, payload: Buffer.from(payload), mtime: 0, mode: 0o444 })),
        )
      },
    ),
    { numRuns: 150 },
  )
})

test('GNU tar lists long and non-ASCII names, and sizes', () => {
  const dir = mkdtempSync(join(tmpdir(), 'shardex-tar-'))
  try {
    const long = `${'d'.repeat(60)}/${'n'.repeat(80)}`
    writeFileSync(
      join(dir, 'x.tar'),
      tarOf([
        { key: 'a', payload: new Uint8Array(513) },
        { key: long, payload: new Uint8Array(0) },
        { key: 'é😀', payload: new Uint8Array(1) },
      ]),
    )
    const listed = execFileSync('tar', ['--quoting-style=literal', '-tvf', join(dir, 'x.tar')], {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C.UTF-8' },
    })
    expect(listed).toContain('513')
    expect(listed).toContain(`${long}.msgpack`)
    expect(listed).toContain('é😀.msgpack')
    expect(listed.trim().split('\n')).toHaveLength(3)
  } finally {
    rmSync(dir, { recursive: true })
  }
})

test('a member with a short ASCII name takes one block before its payload', () => {
  const { name, ascii } = memberOf('train/000017')
  expect(headerBytes(name, ascii)).toBe(BLOCK_BYTES)
})
