/** A service that runs, and how to reach it. Disposing stops what was started for it and removes its files. */
export interface Service<Address> extends AsyncDisposable {
  readonly address: Address
  /** Which real program serves, with its version: `Redis 7.0.15`. */
  readonly program: string
}

/** One way to come by a service. */
export interface Source<Address> {
  /** Told to the person who runs the tests: `REDIS_URL`, `Docker`, `redis-server on this machine`. */
  readonly from: string
  /** `undefined` if this way is closed here; throws if it is open and failed. */
  readonly open: () => Promise<Service<Address> | undefined>
  /** Set if somebody asked for this one by name: then its failure is the answer and no other way is tried. */
  readonly asked?: boolean | undefined
}

/** The first source that gives a service, or why each of them did not. */
export async function firstService<Address>(
  sources: readonly Source<Address>[],
): Promise<{ service: Service<Address>; from: string } | { missing: string }> {
  const reasons: string[] = []
  for (const { from, open, asked } of sources) {
    try {
      const service = await open()
      if (service) return { service, from }
      reasons.push(`${from}: not here`)
    } catch (error) {
      if (asked) throw new Error(`${from} was given but does not serve: ${String(error)}`, { cause: error })
      reasons.push(`${from}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  return { missing: reasons.join('\n') }
}
