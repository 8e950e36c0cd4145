/**
 * A text that sorts by bytes as versions sort by the rules of https://semver.org, with build metadata last. Versions that are not semver
 * (atdata lets anything through) sort before all others; keys of the others start with "v".
 */
export function versionKey(version: string): string {
  const parts = /^(\d+)\.(\d+)\.(\d+)(?:-([\w.-]+))?(?:\+([\w.-]+))?$/.exec(version)
  if (!parts || version.length > 256) return `t${version}`
  const [, major = '', minor = '', patch = '', pre, build] = parts
  const core = [major, minor, patch].map(numberKey).join('.')
  // "~" sorts after any pre-release, " " ends a list of identifiers before "!" continues it.
  return `v${core}${pre === undefined ? '~' : identifiersKey(pre)} ${build === undefined ? '' : identifiersKey(build)}`
}

/** Numbers before texts, and a shorter list before a longer one that continues it. */
function identifiersKey(identifiers: string): string {
  return identifiers
    .split('.')
    .map((identifier) => (/^\d+$/.test(identifier) ? `0${numberKey(identifier)}` : `1${identifier}`))
    .join('!')
}

/** More digits sort after fewer. */
function numberKey(digits: string): string {
  const number = digits.replace(/^0+(?=\d)/, '')
  return `${String(number.length).padStart(3, '0')}${number}`
}
