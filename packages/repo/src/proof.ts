/**
 * Checking that a sample belongs to a dataset, without store or registry, in a browser as in Node.
 *
 * ```ts
 * import { verifyProof } from '@shardex/repo/proof'
 * if (!verifyProof(contentCid, { key, payload }, proof)) throw new Error('this is not the sample that was published')
 * ```
 * @module
 */
export { type ProvedSample, type SampleProof, verifyProof } from './proof/verify-proof.ts'
