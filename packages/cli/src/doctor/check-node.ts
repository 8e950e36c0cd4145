import type { Check } from './check.ts'

export function checkNode(): Check {
  return { name: 'node', status: 'ok', found: `Node.js ${process.versions.node} on ${process.platform} ${process.arch}` }
}
