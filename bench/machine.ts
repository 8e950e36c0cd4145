import { execFileSync } from 'node:child_process'
import { cpus, loadavg, release, totalmem, type } from 'node:os'

/** Where figures come from; without it they say nothing. */
export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryBytes: number
  readonly system: string
  readonly node: string
  readonly python: string
  /** Of the last five minutes. Above the number of cores, others were working here too. */
  readonly loadAverage: number
}

export function thisMachine(): Machine {
  const [first, ...others] = cpus()
  return {
    cpu: first?.model.trim() ?? 'unknown',
    cores: others.length + 1,
    memoryBytes: totalmem(),
    system: `${type()} ${release()}`,
    node: process.version,
    python: pythonVersion(),
    loadAverage: loadavg()[1] ?? 0,
  }
}

export function describeMachine({ cpu, cores, memoryBytes, system, node, python, loadAverage }: Machine): string {
  return `${cpu}, ${cores} cores, ${Math.round(memoryBytes / 2 ** 30)} GiB, ${system}, Node ${node}, ${python}, load average ${loadAverage.toFixed(1)}`
}

function pythonVersion(): string {
  try {
    return execFileSync('python3', ['--version'], { encoding: 'utf8' }).trim()
  } catch {
    return 'no Python'
  }
}
