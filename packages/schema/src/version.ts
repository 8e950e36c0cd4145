import semver from 'semver'

/** Whether a text is a version of https://semver.org, exactly: three numbers, no `v`, no spaces. */
export function isVersion(text: string): boolean {
  // semver.valid also takes a leading "v" and spaces around.
  return /^\d[\w.+-]*$/.test(text) && semver.valid(text) !== null
}

/** Less than, equal to or greater than 0, for sorting. Versions that differ in build metadata only are ordered by it. @throws {TypeError} */
export function compareVersions(a: string, b: string): number {
  return semver.compareBuild(a, b)
}

/** The highest version; what is no version is skipped. `undefined` if none is left. */
export function latestVersion(versions: Iterable<string>): string | undefined {
  let latest: string | undefined
  for (const version of versions) {
    if (isVersion(version) && (latest === undefined || compareVersions(version, latest) > 0)) latest = version
  }
  return latest
}

/** The version to publish after these: `1.0.0` if there is none, else the next patch of the highest (after `1.2.0-rc.1` that is `1.2.0`). */
export function nextPatch(versions: Iterable<string>): string {
  const latest = latestVersion(versions)
  return latest === undefined ? '1.0.0' : (semver.inc(latest, 'patch') as string)
}
