/** The folder that all URLs share, with its `/`, and what is left of each: the shards of one dataset mostly differ at their end only. */
export function splitFolder(urls: readonly string[]): { folder: string; names: readonly string[] } {
  const [first = ''] = urls
  const folder = first.slice(0, first.lastIndexOf('/') + 1)
  if (!urls.every((url) => url.startsWith(folder) && !url.includes('/', folder.length))) return { folder: '', names: urls }
  return { folder, names: urls.map((url) => url.slice(folder.length)) }
}
