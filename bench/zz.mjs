import { gzipSync } from 'node:zlib'
import { rolldown } from 'rolldown'

const b = await rolldown({
  input: process.argv[2],
  platform: 'browser',
  resolve: { conditionNames: ['@shardex/source', 'browser', 'import'] },
})
const { output } = await b.generate({ format: 'es', minify: true })
for (const o of output) {
  console.log(o.fileName, o.code?.length, gzipSync(o.code ?? '').length, o.imports, o.dynamicImports)
  const m = Object.entries(o.modules)
    .map(([k, v]) => [v.renderedLength, k.replace('/work/main/', '')])
    .sort((a, b) => b[0] - a[0])
    .filter((x) => x[0] > 0)
  for (const x of m.slice(0, 60)) console.log(...x)
  console.log(m.length)
}
