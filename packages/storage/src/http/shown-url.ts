/** For error messages: a query often holds a signature. */
export function shownUrl(url: URL): string {
  return url.origin + url.pathname + (url.search === '' ? '' : '?…')
}
