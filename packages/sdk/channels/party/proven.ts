/** An account as it is final, believed to nobody: its Merkle proof ends in a header whose hash L1 has. */

import type { RollupReader } from '@quittance/chain';
import {
  digitAt,
  type Hasher,
  hashLeaf,
  headerHash,
  portableHasher,
  RollupError,
  TREE_DEPTH,
} from '@quittance/protocol';
import type { AccountJson, BatchJson, ProofJson } from '@quittance/rpc';
import type { SequencerClient } from '../../client.ts';

function requireThat(isTrue: boolean, what: string): void {
  if (isTrue) return;
  const message = `the sequencer’s proof of an account does not hold: ${what}; use another sequencer, and tell others`;
  throw new RollupError('RPC_ANSWER_INVALID', message, { what });
}

/** The proof leads from the account to its state root. */
function requirePath({ account, index, path, stateRoot }: ProofJson, hasher: Hasher): void {
  requireThat(path.length === TREE_DEPTH, `its path has ${path.length} levels`);
  let node = 0n;
  if (account !== null) {
    const { keyY, owner, tokenId, nonce, balance } = account;
    const leaf = { keyY: BigInt(keyY), owner: BigInt(owner), tokenId, nonce, balance: BigInt(balance) };
    node = hashLeaf(hasher, leaf);
  }
  for (let level = TREE_DEPTH - 1; level >= 0; level -= 1) {
    const children = path[level]!;
    requireThat(children.length === 4, `level ${level} has ${children.length} children`);
    requireThat(BigInt(children[digitAt(index, level)]!) === node, `level ${level} has another child`);
    node = hasher.hash(children.map(BigInt));
  }
  requireThat(node === BigInt(stateRoot), 'it ends in another root');
}

/** L1 has the header with that root. */
async function requireOnL1(proof: ProofJson, { header }: BatchJson, reader: Pick<RollupReader, 'headerHash'>) {
  requireThat(header.number === proof.batch && header.stateRoot === proof.stateRoot, 'its header has another root');
  const hash = headerHash({ ...header, stateRoot: BigInt(header.stateRoot) });
  requireThat((await reader.headerHash(proof.batch)) === hash, `L1 has no batch ${proof.batch} with this header`);
}

/** Who is asked, and who it is checked with. */
export interface ProofSources {
  readonly client: Pick<SequencerClient, 'call'>;
  readonly reader: Pick<RollupReader, 'headerHash'>;
}

/**
 * The account at a leaf in a final state, or null, and the batch whose state that is, with its time in Unix seconds. What the sequencer says is checked down to L1;
 * that there is no later final batch is its word.
 *
 * @throws RollupError RPC_ANSWER_INVALID when its proof does not hold; as the client and the reader.
 */
export async function finalAccount(
  { client, reader }: ProofSources,
  index: number,
  hasher: Hasher = portableHasher,
): Promise<{ readonly account: AccountJson | null; readonly batch: number; readonly time: number }> {
  const proof = await client.call('rollup_getProof', { index, state: 'finalized' });
  requireThat(proof.index === index, `it is of account ${proof.index}`);
  requirePath(proof, hasher);
  const batch = await client.call('rollup_getBatch', { batch: proof.batch });
  await requireOnL1(proof, batch, reader);
  return { account: proof.account, batch: proof.batch, time: batch.header.time };
}

/** How far an account is in a final state. */
export interface FinalNonce {
  /** That its next transfer has. */
  readonly nonce: number;
  /** Of the batch, in Unix seconds: no later batch has an earlier one. */
  readonly time: number;
}

/**
 * Looks up how far an account is, believed to nobody: what a payment needs that is to be known never to be executed.
 *
 * @throws as `finalAccount`.
 * @example createRouter({ wallet, channels, journal, finalNonce: createFinalNonces({ client, reader }) });
 */
export function createFinalNonces(sources: ProofSources, hasher?: Hasher): (index: number) => Promise<FinalNonce> {
  return async (index) => {
    const { account, time } = await finalAccount(sources, index, hasher);
    return { nonce: account?.nonce ?? 0, time };
  };
}
