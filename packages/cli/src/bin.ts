#!/usr/bin/env node
// Nothing is imported before the check: what follows does not even parse on older versions.
const major = Number(process.versions.node.split('.')[0])
if (major < 24) {
  process.stderr.write(`shardex needs Node.js 24 or newer, this is ${process.versions.node}. Get it from https://nodejs.org\n`)
  process.exitCode = 1
} else {
  const { runProcess } = await import('./run-process.ts')
  process.exitCode = await runProcess()
}

export {}
