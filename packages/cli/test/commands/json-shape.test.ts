import { expect, test } from 'vitest'
import { openDesk } from './desk.ts'

// What `--json` prints is read by programs. A change here is a change of the interface: say so in the changelog.
test('the documents of insert, ls, show, head, verify, history, label, rename and rm', async () => {
  await using desk = await openDesk()
  const rows = ['{"id":1,"text":"one"}', '{"id":2,"text":"two"}'].join('\n')
  await desk.dir.write('rows.jsonl', rows)
  const shown = async (...argv: string[]) => withoutChance(await desk.json(argv), desk.dir.path)

  expect(await shown('insert', 'rows.jsonl', '--name', 'rows', '--metadata', '{"licence":"MIT"}')).toMatchInlineSnapshot(`
    {
      "cid": "bafyrei…",
      "dataUrls": [
        "/home/me/home/data/rows/data--uuid--000000.tar",
      ],
      "durationMs": 0,
      "fields": [
        "id: int",
        "text: str",
      ],
      "name": "rows",
      "notices": [],
      "resumed": false,
      "revision": 1,
      "sampleCount": 2,
      "schemaRef": "local://schemas/RowsSample@1.0.0",
      "sentBytes": 3222,
      "sizeBytes": 3072,
    }
  `)
  expect(await shown('ls')).toMatchInlineSnapshot(`
    [
      {
        "atMs": 0,
        "cid": "bafyrei…",
        "name": "rows",
        "revision": 1,
        "sampleCount": 2,
        "schemaRef": "local://schemas/RowsSample@1.0.0",
        "shardCount": 1,
        "sizeBytes": 3072,
      },
    ]
  `)
  expect(await shown('ls', '--all')).toMatchInlineSnapshot(`
    [
      {
        "atMs": 0,
        "cid": "bafyrei…",
        "name": "rows",
        "sampleCount": 2,
        "schemaRef": "local://schemas/RowsSample@1.0.0",
        "shardCount": 1,
        "sizeBytes": 3072,
      },
    ]
  `)
  expect(await shown('label', 'rows', '1.0', '--description', 'first')).toMatchInlineSnapshot(`
    {
      "cid": "bafyrei…",
      "name": "rows",
      "version": "1.0",
    }
  `)
  expect(await shown('show', 'rows')).toMatchInlineSnapshot(`
    {
      "cid": "bafyrei…",
      "contentCid": "bafyrei…",
      "createdAtMs": 0,
      "dataUrls": [
        "/home/me/home/data/rows/data--uuid--000000.tar",
      ],
      "fields": [
        "id: int",
        "text: str",
      ],
      "historyLength": 1,
      "labels": [
        {
          "cid": "bafyrei…",
          "description": "first",
          "name": "rows",
          "version": "1.0",
        },
      ],
      "metadata": {
        "licence": "MIT",
      },
      "name": "rows",
      "names": [
        "rows",
      ],
      "revision": 1,
      "sampleCount": 2,
      "schemaRef": "local://schemas/RowsSample@1.0.0",
      "shards": [
        {
          "indexSha256": "64 hex digits",
          "indexSizeBytes": 0,
          "maxKey": "000000001",
          "merkleRoot": "64 hex digits",
          "minKey": "000000000",
          "sampleCount": 2,
          "sha256": "64 hex digits",
          "sizeBytes": 3072,
          "url": "/home/me/home/data/rows/data--uuid--000000.tar",
        },
      ],
      "sizeBytes": 3072,
    }
  `)
  expect(await shown('head', 'rows', '-n', '1')).toMatchInlineSnapshot(`
    [
      {
        "__key__": "000000000",
        "id": 1,
        "text": "one",
      },
    ]
  `)
  expect(await shown('verify', 'rows')).toMatchInlineSnapshot(`
    [
      {
        "cid": "bafyrei…",
        "name": "rows",
        "ok": true,
        "shards": [
          {
            "bytes": 3072,
            "ok": true,
            "problems": [],
            "proof": "sha256",
            "samples": 2,
            "sha256": "64 hex digits",
            "url": "/home/me/home/data/rows/data--uuid--000000.tar",
          },
        ],
      },
    ]
  `)
  expect(await shown('schema', 'ls')).toMatchInlineSnapshot(`
    [
      {
        "$ref": "local://schemas/RowsSample@1.0.0",
        "createdAt": "ISO 8601",
        "description": null,
        "fields": [
          {
            "fieldType": {
              "$type": "local#primitive",
              "primitive": "int",
            },
            "name": "id",
            "optional": false,
          },
          {
            "fieldType": {
              "$type": "local#primitive",
              "primitive": "str",
            },
            "name": "text",
            "optional": false,
          },
        ],
        "name": "RowsSample",
        "shardex": {
          "format": 1,
        },
        "version": "1.0.0",
      },
    ]
  `)
  expect(await shown('rename', 'rows', 'lines')).toMatchInlineSnapshot(`
    {
      "atMs": 0,
      "cid": "bafyrei…",
      "name": "lines",
      "renamedFrom": "rows",
      "revision": 1,
    }
  `)
  expect(await shown('rm', 'lines')).toMatchInlineSnapshot(`
    {
      "cid": "bafyrei…",
      "keptFor": [],
      "name": "lines",
      "purged": false,
      "revision": 1,
      "shardsLeft": 0,
    }
  `)
  expect(await shown('history', 'rows')).toMatchInlineSnapshot(`
    [
      {
        "atMs": 0,
        "cid": "bafyrei…",
        "contentCid": "bafyrei…",
        "name": "rows",
        "operation": "commit",
        "recordCid": "bafyrei…",
        "revision": 1,
      },
      {
        "atMs": 0,
        "name": "rows",
        "operation": "rename",
        "previousCid": "bafyrei…",
        "recordCid": "bafyrei…",
        "renamedTo": "lines",
        "revision": 2,
      },
    ]
  `)
  expect(await shown('history', 'lines')).toMatchInlineSnapshot(`
    [
      {
        "atMs": 0,
        "cid": "bafyrei…",
        "contentCid": "bafyrei…",
        "name": "lines",
        "operation": "rename",
        "recordCid": "bafyrei…",
        "renamedFrom": "rows",
        "revision": 1,
      },
      {
        "atMs": 0,
        "name": "lines",
        "operation": "delete",
        "previousCid": "bafyrei…",
        "recordCid": "bafyrei…",
        "revision": 2,
      },
    ]
  `)
  expect(await shown('history', 'lines', '--verify')).toMatchInlineSnapshot(`
    {
      "headCid": "bafyrei…",
      "name": "lines",
      "ok": true,
      "problems": [],
      "revisions": 2,
    }
  `)
})

/** The same document with what no two runs share replaced by its kind. */
function withoutChance(value: unknown, folder: string): unknown {
  const text = JSON.stringify(value)
    .replaceAll(folder, '/home/me')
    .replace(/bafyrei[a-z2-7]{52}/g, 'bafyrei…')
    .replace(/data--[0-9a-f-]{36}--/g, 'data--uuid--')
    .replace(/"(sha256|indexSha256|merkleRoot)":"[0-9a-f]{64}"/g, '"$1":"64 hex digits"')
    .replace(/"(atMs|createdAtMs|durationMs|indexSizeBytes)":\d+/g, '"$1":0')
    .replace(/"createdAt":"[^"]*"/g, '"createdAt":"ISO 8601"')
  return JSON.parse(text)
}
