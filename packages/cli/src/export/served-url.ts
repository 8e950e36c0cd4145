/** @param rootUrl of the store, and the address at which a server has it */
export function servedUrl(
  url: string,
  { rootUrl, base, isPattern }: { rootUrl: string; base: string; isPattern: boolean },
): string {
  if (!url.startsWith(rootUrl)) return url
  const key = url.slice(rootUrl.length)
  // The braces of a pattern are expanded by whoever reads.
  return `${base.replace(/\/?$/, '/')}${isPattern ? key : key.split('/').map(encodeURIComponent).join('/')}`
}
