import { BlockList, isIP } from 'node:net'
import type { Problem } from './problem.ts'

export interface UrlRules {
  /** Let loopback, local networks and names without a dot pass, and in metadata paths of this machine, too. Default false. */
  readonly allowPrivate?: boolean | undefined
}

/** What a URL has that everybody is shown: nothing but where the bytes are. */
export type UrlFault = Omit<Problem, 'path'>

/**
 * Why a URL cannot be published, if it cannot: it must mean the same to everybody, so no path of this machine, no pattern, no address of a network at home; and tell
 * nothing that is ours alone, so no passwords and no signatures. Nothing is resolved: a name that leads to a private address is found by readers.
 * @param schemes what is wanted: `http` stands for https, too
 */
export function faultOfUrl(text: string, { allowPrivate = false }: UrlRules = {}): UrlFault | undefined {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1]?.toLowerCase()
  if (scheme === undefined || scheme === 'file')
    return {
      code: 'url.local',
      found: 'a path of this machine',
      wanted: HTTP,
      advice: 'publish the shards as blobs, or give a store to copy them to',
    }
  if (scheme !== 'http' && scheme !== 'https')
    return { code: 'url.scheme', found: `the scheme ${scheme}:`, wanted: HTTP, advice: adviceFor(scheme) }
  if (/[{}]/.test(text))
    return {
      code: 'url.pattern',
      found: 'a brace pattern',
      wanted: 'one URL for each shard',
      advice: 'insert the shards one by one: a record has a digest for each',
    }
  const url = URL.parse(text)
  if (url === null || /[\p{Cc}\s]/u.test(text) || !text.isWellFormed())
    return { code: 'url.invalid', found: 'something that is no URL', wanted: HTTP, advice: 'mend it' }
  const secret = secretOf(url)
  if (secret !== undefined) return secret
  if (text.includes('#'))
    return {
      code: 'url.invalid',
      found: 'a fragment',
      wanted: HTTP,
      advice: 'leave out what follows the #, or write %23 if it belongs to the path: no server is told of it',
    }
  if (!allowPrivate && isPrivate(url.hostname))
    return {
      code: 'url.private',
      found: `the private host ${url.hostname}`,
      wanted: 'one that everybody reaches',
      advice: 'copy the shards to a public store, or allow private addresses if all readers are in this network',
    }
  return undefined
}

/** What a URL of whatever scheme tells that is ours alone. */
export function secretOf({ username, password, searchParams, hash }: URL): UrlFault | undefined {
  if (username !== '' || password !== '') return { ...SECRET, found: 'credentials' }
  const keys = [...searchParams.keys(), ...new URLSearchParams(hash.slice(1)).keys()]
  const signature = keys.find((key) => SIGNATURES.test(key))
  return signature === undefined ? undefined : { ...SECRET, found: `a signature (${signature})` }
}

const HTTP = 'https://host/path'
const SECRET = {
  code: 'url.credentials',
  wanted: 'a URL that everybody may know',
  advice: 'publish the URL without it: a record is public, and kept by others when it is deleted',
} as const

/** What signed URLs of S3, CloudFront, Google, Azure and Alibaba carry, and what people call such things. */
const SIGNATURES =
  /^((x-(amz|goog|oss)-)?(signature|credentials?|security-token)|(aws|oss)?access[-_]?key([-_]?id)?|googleaccessid|key-pair-id|sig|((access|auth|id|refresh|session)[-_]?)?token|jwt|auth|authorization|api[-_]?key|(client[-_]?)?secret([-_]?(access[-_]?)?key)?|password|passwd|pwd)$/i

function adviceFor(scheme: string): string {
  if (scheme === 's3') return 'publish with storage "s3", which says the bucket'
  return 'copy the shards to a public store, or publish them as blobs'
}

/** Not routed on the public internet (the registries of special addresses of IANA). IPv4 inside of IPv6 is seen by the list itself. */
const PRIVATE = new BlockList()
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const)
  PRIVATE.addSubnet(net, prefix, 'ipv4')
for (const [net, prefix] of [
  ['::', 96],
  ['64:ff9b::', 32],
  ['2002::', 16],
  ['100::', 64],
  ['2001:db8::', 32],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const)
  PRIVATE.addSubnet(net, prefix, 'ipv6')

const LOCAL_NAMES =
  /(^|\.)(localhost|localdomain|local|internal|intranet|lan|home|corp|private|home\.arpa|test|invalid|example|onion)$/

/** Whether a host is in a local network, as far as its name tells. @param hostname as `URL` has it: in lower case, numbers in their usual form, IPv6 in brackets */
export function isPrivate(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
  const family = isIP(host)
  if (family !== 0) return PRIVATE.check(host, family === 4 ? 'ipv4' : 'ipv6')
  return !host.includes('.') || LOCAL_NAMES.test(host)
}
