import { readFileSync } from 'node:fs'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { pack } from 'tar-stream'

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

export const CSV: readonly Uint8Array[] = [
  'id,name,score,ok\n1,a,0.5,true\n2,"b ""q"", c",1e3,false\n3,,,\n',
  '\ufeffa,b\r\n"line\nbreak",x\r\n007,1.0\r\n',
  'n\n9007199254740993\n18446744073709551615\n-9223372036854775808\n',
  '__key__,x y,z-1\ntrain/1,1,nan\ntrain/2,2,inf\n',
].map(encode)

export const TSV: readonly Uint8Array[] = CSV.map((csv) => csv.map((byte) => (byte === 0x2c ? 0x09 : byte)))

const ROWS = [
  '{"id":1,"name":"a","tags":["x","y"],"deep":{"a":[1,{"b":null}]},"f":1.5}',
  '{"id":9007199254740993,"name":"\\ud83d\\ude00","tags":[],"f":1,"extra":true}',
  '{"__key__":"k/1","id":-1,"name":"","tags":["z"],"f":1e300}',
]

export const JSONL: readonly Uint8Array[] = [ROWS.join('\n'), `${ROWS[0]}\r\n\n${ROWS[1]}\n`].map(encode)
export const JSON_ARRAYS: readonly Uint8Array[] = [`[${ROWS.join(',\n')}]`, `[ ${ROWS[0]} ]`].map(encode)

/** Of ours, and of DuckDB and pyarrow, which know other encodings, compressions and versions. */
export const PARQUET: readonly Uint8Array[] = [
  parquetWriteBuffer({
    rowGroupSize: 2,
    columnData: [
      { name: 'id', data: [1n, 2n, 2n ** 60n], type: 'INT64', nullable: false },
      { name: 'ok', data: [true, null, false], type: 'BOOLEAN' },
      { name: 'text', data: ['a', 'b'.repeat(40), ''], type: 'STRING', nullable: true },
      { name: 'raw', data: [Uint8Array.of(0xff), Uint8Array.of(), Uint8Array.of(1)], type: 'BYTE_ARRAY', nullable: false },
      { name: 'at', data: [new Date(0), new Date(1_700_000_000_123), new Date(-1)], type: 'TIMESTAMP', nullable: false },
    ],
  }),
  parquetWriteBuffer({
    columnData: [
      { name: 'x', data: Array.from({ length: 300 }, (_, i) => i / 7), type: 'DOUBLE', nullable: false },
      { name: 'same', data: new Array<string>(300).fill('same'), type: 'STRING', nullable: false },
      { name: 'doc', data: Array.from({ length: 300 }, (_, i) => ({ i })), type: 'JSON', nullable: false },
    ],
  }),
  ...['duckdb', 'pyarrow'].map((name) =>
    readFileSync(new URL(`../../../packages/cli/test/sources/vectors/${name}.parquet`, import.meta.url)),
  ),
].map((buffer) => new Uint8Array(buffer))

/** Tars as webdataset users make them, with GNU and pax extensions where names are long. */
export async function webdatasetTars(): Promise<Uint8Array[]> {
  const members = { '0001.jpg': '\xff\xd8', '0001.json': '{"a":1,"b":[2]}', '0001.cls': '7', '0002.jpg': '', '0002.txt': 'é' }
  const long = {
    [`${'d/'.repeat(60)}${'k'.repeat(120)}.txt`]: 'far',
    [`é/${'ü'.repeat(80)}.cls`]: '-1',
    'd/__meta__/x.txt': 'no',
  }
  return await Promise.all([members, long, { ...members, ...long }].map(tarOf))
}

async function tarOf(members: Readonly<Record<string, string>>): Promise<Uint8Array> {
  const tar = pack()
  tar.entry({ name: 'folder/', type: 'directory' })
  for (const [name, content] of Object.entries(members)) tar.entry({ name }, content)
  tar.finalize()
  const chunks: Uint8Array[] = []
  for await (const chunk of tar) chunks.push(chunk as Uint8Array)
  return new Uint8Array(Buffer.concat(chunks))
}
