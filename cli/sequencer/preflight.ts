/** What must be right before a sequencer starts: contract, shape, producer, key. */

import { createAssertionReader, type RollupConstants, rollupInterface, translateChainError } from '@quittance/chain';
import { PROFILES, type Profile, RollupError } from '@quittance/protocol';
import { Contract, formatEther } from 'ethers';
import type { L1 } from '../l1/connect.ts';
import type { Output } from '../process/output.ts';

const VERIFIER_VIEWS = ['function verifier() view returns (address)'];
const KEY_VIEWS = ['function keyHash() view returns (bytes32)'];

/** Our profile with the contract's slots, as many chunks as it allows. @throws RollupError CONFIG_INVALID. */
export function profileOf({ slotsPerChunk, maxChunks }: RollupConstants): Profile {
  const profile = Object.values(PROFILES).find((candidate) => candidate.slotsPerChunk === slotsPerChunk);
  if (profile === undefined) {
    const known = Object.values(PROFILES).map((candidate) => candidate.slotsPerChunk);
    throw new RollupError(
      'CONFIG_INVALID',
      `the contract has ${slotsPerChunk} slots a chunk, this version knows ${known.join(', ')}: use the version that ` +
        'deployed it',
      { expected: known.join(', '), actual: slotsPerChunk },
    );
  }
  return { ...profile, maxChunks: Math.min(profile.maxChunks, maxChunks) };
}

async function read<T>(task: string, ask: Promise<unknown>): Promise<T> {
  try {
    return (await ask) as T;
  } catch (error) {
    throw translateChainError(task, error);
  }
}

/** Checks that the account may produce and can pay. @throws RollupError CONFIG_INVALID. */
export async function checkProducer(
  { provider }: L1,
  contract: string,
  account: string,
  output: Output,
): Promise<void> {
  const rollup = new Contract(contract, rollupInterface, provider);
  const isProducer = await read<boolean>('reading isProducer', rollup.getFunction('isProducer')(account));
  const isOpen = await read<boolean>('reading isProducingOpen', rollup.getFunction('isProducingOpen')());
  if (await read<boolean>('reading isExodusActive', rollup.getFunction('isExodusActive')())) {
    throw new RollupError(
      'CONFIG_INVALID',
      `the exodus of ${contract} is open: it takes no batch any more. Users leave with \`quittance wallet exodus\``,
      { contract },
    );
  }
  if (!isProducer && !isOpen) {
    throw new RollupError(
      'CONFIG_INVALID',
      `${account} is no producer of ${contract}: use the producer's keystore, or have the owner call setProducer`,
      { contract, account },
    );
  }
  const balance = await read<bigint>('reading the balance', provider.getBalance(account));
  if (balance === 0n) output.warn(`${account} has no ETH: batches cannot be posted until it is funded`);
}

/** Bonds that a producer should be able to pay: as many batches wait at the same time before the first is final. */
const BONDS = 4n;

/** Checks that the rollup has optimistic mode and the account can pay a few bonds. @throws RollupError CONFIG_INVALID. */
export async function checkBonds(
  { provider, chainId }: L1,
  contract: string,
  account: string,
  output: Output,
): Promise<void> {
  const terms = await createAssertionReader({ provider, chainId, contract }).connect();
  if (terms === undefined) {
    throw new RollupError(
      'CONFIG_INVALID',
      `${contract} was deployed without optimistic mode: its batches need proofs (--mode zk)`,
      { contract },
    );
  }
  const balance = await read<bigint>('reading the balance', provider.getBalance(account));
  const needed = BONDS * terms.assertionBond;
  if (balance >= needed) return;
  output.warn(
    `${account} has ${formatEther(balance)} ETH, and each batch needs a bond of ${formatEther(terms.assertionBond)} ETH ` +
      `until it is final (at least ${terms.challengePeriodSeconds} s): fund it with ${formatEther(needed)} ETH or more`,
  );
}

/** Checks that the contract verifies proofs of this key. @throws RollupError CONFIG_INVALID. */
export async function checkVerifyingKey({ provider }: L1, contract: string, ours: string): Promise<void> {
  const rollup = new Contract(contract, VERIFIER_VIEWS, provider);
  const address = await read<string>('reading verifier', rollup.getFunction('verifier')());
  const verifier = new Contract(address, KEY_VIEWS, provider);
  const theirs = await read<string>('reading keyHash', verifier.getFunction('keyHash')());
  if (theirs === ours) return;
  throw new RollupError(
    'CONFIG_INVALID',
    `the contract verifies proofs of key ${theirs}, this prover has ${ours}: give the ceremony's key with --zkey, ` +
      'or use the version whose circuits were deployed',
    { expected: theirs, actual: ours },
  );
}
