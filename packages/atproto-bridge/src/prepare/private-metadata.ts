import type { Note } from './problem.ts'
import { isPrivate, secretOf, type UrlFault, type UrlRules } from './public-url.ts'

/**
 * Tells `note` what metadata of a registry says that is for its own people: secrets in URLs, and, unless private ones are allowed, paths of this machine and hosts of
 * local networks. Addresses are looked for in every text, paths only where they are the whole text.
 */
export function noteWhatIsPrivate(value: unknown, path: string, rules: UrlRules, note: Note): void {
  if (typeof value === 'string') {
    const fault = faultOfText(value, rules)
    if (fault !== undefined) note({ ...fault, path })
  } else if (Array.isArray(value)) for (const [i, item] of value.entries()) noteWhatIsPrivate(item, `${path}[${i}]`, rules, note)
  else if (typeof value === 'object' && value !== null && !(value instanceof Uint8Array))
    for (const [key, item] of Object.entries(value)) {
      const inKey = faultOfText(key, rules)
      // The path would tell it.
      if (inKey !== undefined) note({ ...inKey, found: `${inKey.found}, in a key`, path })
      else noteWhatIsPrivate(item, `${path}.${key}`, rules, note)
    }
}

/** Up to what ends an address within a sentence. */
const ADDRESSES = /[a-z][a-z0-9+.-]{0,30}:\/\/[^\s"'<>]+/gi
/** Not `/m/0abc`, which is how some call their classes. */
const LOCAL_PATH = /^(file:|~\/|[a-z]:[\\/]|\\\\|\/[^/\s]{2,})/i
/** Schemes whose addresses name a host; those of others name buckets and the like. */
const OF_HOSTS = /^(https?|wss?|ftp):$/

const ADVICE = 'insert the dataset with metadata that everybody may know'

function faultOfText(text: string, { allowPrivate = false }: UrlRules): UrlFault | undefined {
  for (const [address] of text.matchAll(ADDRESSES)) {
    const fault = faultOfAddress(address, allowPrivate)
    if (fault !== undefined) return fault
  }
  if (allowPrivate || !LOCAL_PATH.test(text)) return undefined
  const advice = `${ADVICE}, or allow private addresses if it may be told`
  return { code: 'url.local', found: 'a path of this machine', wanted: 'what means something to others', advice }
}

function faultOfAddress(address: string, allowPrivate: boolean): UrlFault | undefined {
  const url = URL.parse(address)
  // A secret may hold what no URL does.
  const secret = url === null ? (address.includes('@') ? { found: 'credentials' } : undefined) : secretOf(url)
  if (secret !== undefined)
    return { code: 'url.credentials', found: secret.found, wanted: 'an address that everybody may know', advice: ADVICE }
  if (url === null || allowPrivate || !OF_HOSTS.test(url.protocol) || !isPrivate(url.hostname)) return undefined
  const advice = `${ADVICE}, or allow private addresses if it may be told`
  return { code: 'url.private', found: `the private host ${url.hostname}`, wanted: 'one that everybody reaches', advice }
}
