import { describeWith } from '../describe-with.ts'
import { installPds } from './install.ts'

/** A suite that needs a PDS, see {@link describeWith}. */
export function describePds(name: string, body: () => void): Promise<void> {
  return describeWith('PDS', installPds, name, body)
}
