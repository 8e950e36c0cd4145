import { type CommitEntryOptions, entryCid, type Metadata } from '@shardex/index'

interface Step {
  readonly operation: 'commit' | 'delete' | 'rename'
  readonly cid?: string | undefined
  readonly renamedFrom?: string | undefined
  readonly renamedTo?: string | undefined
}

/** What an index should do, in the simplest way: lists and maps in memory, nothing else. */
export class IndexModel {
  readonly #entries = new Map<string, { name: string; metadata: Metadata | undefined }>()
  readonly #history = new Map<string, Step[]>()
  /** By `name` and `version`, in the order in which they were set. */
  readonly #labels = new Map<string, { name: string; version: string; cid: string }>()

  static identity(content: number): { schemaRef: string; dataUrls: string[] } {
    return { schemaRef: 'x', dataUrls: [String(content)] }
  }

  static cidOf(content: number): string {
    return entryCid(IndexModel.identity(content))
  }

  commitEntry({ name, schemaRef, dataUrls, metadata, label, ifRevision }: CommitEntryOptions): { revision: number } {
    this.#expect(name, ifRevision)
    const cid = entryCid({ schemaRef, dataUrls })
    this.#entries.set(cid, { name: this.#entries.get(cid)?.name ?? name, metadata })
    this.#point(name, cid, { operation: 'commit' })
    if (label) this.#label(name, label.version, cid)
    return { revision: this.#revision(name) }
  }

  rename(from: string, to: string, { ifRevision }: { ifRevision?: number | undefined }): { revision: number } {
    const cid = this.#existing(from)
    this.#expect(from, ifRevision)
    this.#expect(to, 0)
    this.#point(to, cid, { operation: 'rename', renamedFrom: from })
    this.#unpoint(from, { operation: 'rename', renamedTo: to })
    const entry = this.#entries.get(cid)
    if (entry?.name === from) entry.name = to
    return { revision: this.#revision(to) }
  }

  deleteName(name: string, { ifRevision }: { ifRevision?: number | undefined }): void {
    this.#existing(name)
    this.#expect(name, ifRevision)
    this.#unpoint(name, { operation: 'delete' })
  }

  deleteEntry(cid: string): void {
    if (!this.#entries.has(cid)) throw refusal('entry.not_found', { cid })
    const names = [...this.#history.keys()].filter((name) => this.#current(name) === cid)
    const labels = [...this.#labels.values()].filter((label) => label.cid === cid && label.version !== '')
    const uses = [...names, ...labels.map(({ name, version }) => `${name}@${version}`)].sort()
    if (uses.length > 0) throw refusal('entry.in_use', { cid, names: uses })
    this.#entries.delete(cid)
  }

  setLabel(name: string, cid: string, { version }: { version: string }): void {
    if (!this.#entries.has(cid)) throw refusal('entry.not_found', { cid })
    if (version === '') this.#point(name, cid, { operation: 'commit' })
    else this.#label(name, version, cid)
  }

  deleteLabel(name: string, version: string): void {
    if (!this.#labels.delete(`${name}@${version}`)) throw refusal('label.not_found', { name, version })
  }

  observe(names: readonly string[]) {
    const labels = [...this.#labels.values()]
    return {
      entries: [...this.#entries].map(([cid, { name, metadata }]) => ({ cid, name, metadata })),
      names: names.map((name) => {
        const steps = this.#history.get(name) ?? []
        return {
          current: this.#current(name) && `${steps.length} ${this.#current(name)}`,
          last: labels.findLast((label) => label.name === name)?.version,
          steps: steps.map((step, i) => [i + 1, step.operation, step.cid, step.renamedFrom, step.renamedTo] as const),
          at: steps.map(({ cid }) => (cid !== undefined && this.#entries.has(cid) ? cid : undefined)),
        }
      }),
      labels: labels.map(({ name, version, cid }) => `${name}@${version} ${cid}`).sort(),
      listedNames: names
        .filter((name) => this.#current(name))
        .map((name) => `${name} ${this.#revision(name)} ${this.#current(name)}`),
    }
  }

  #current(name: string): string | undefined {
    return this.#history.get(name)?.at(-1)?.cid
  }

  #revision(name: string): number {
    return this.#current(name) === undefined ? 0 : (this.#history.get(name)?.length ?? 0)
  }

  #existing(name: string): string {
    const cid = this.#current(name)
    if (cid === undefined) throw refusal('name.not_found', { name })
    return cid
  }

  #expect(name: string, expectedRevision: number | undefined): void {
    const actualRevision = this.#revision(name)
    if (expectedRevision !== undefined && expectedRevision !== actualRevision) {
      throw refusal('write.conflict', { name, expectedRevision, actualRevision })
    }
  }

  #point(name: string, cid: string, step: Step): void {
    if (this.#current(name) !== cid) this.#append(name, { ...step, cid })
    this.#label(name, '', cid)
  }

  #unpoint(name: string, step: Step): void {
    this.#append(name, step)
    this.#labels.delete(`${name}@`)
  }

  #append(name: string, step: Step): void {
    this.#history.set(name, [...(this.#history.get(name) ?? []), step])
  }

  #label(name: string, version: string, cid: string): void {
    this.#labels.delete(`${name}@${version}`)
    this.#labels.set(`${name}@${version}`, { name, version, cid })
  }
}

function refusal(code: string, details: object): Error {
  return Object.assign(new Error(code), { code, details })
}
