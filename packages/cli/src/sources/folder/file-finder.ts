/** Finds the file that a labels row means: by its path or its base name, with or without extension. */
export interface FileFinder {
  /** The file's position, or `undefined` if no file, or more than one, goes by this name. */
  find(name: unknown): number | undefined
}

export function fileFinder(paths: readonly string[]): FileFinder {
  const byName = new Map<string, number | undefined>()
  // The more exact a form, the earlier it is entered: a later form never takes a name away, it only loses its own when it is not unique.
  for (const form of [(path: string) => path, withoutExtension, baseName, (path: string) => withoutExtension(baseName(path))]) {
    const mine = new Map<string, number | undefined>()
    for (const [position, path] of paths.entries()) {
      const name = form(path)
      if (!byName.has(name)) mine.set(name, mine.has(name) && mine.get(name) !== position ? undefined : position)
    }
    for (const [name, position] of mine) byName.set(name, position)
  }
  return {
    find(name) {
      if (typeof name === 'number' || typeof name === 'bigint') return byName.get(String(name))
      if (typeof name !== 'string' || name === '' || name.length > 4096) return undefined
      const path = name.replaceAll('\\', '/').replace(/^(?:\.?\/)+/, '')
      // A path that starts above the folder (`images/cat.png` for a file of images/) still ends in the file's name.
      return byName.get(path) ?? byName.get(baseName(path))
    },
  }
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

function withoutExtension(path: string): string {
  return path.replace(/(?<=[^/])\.[^./]*$/, '')
}
