/** Checks of L1 and of the contract on it. */

import { createAssertionReader, translateChainError } from '@quittance/chain';
import type { RollupError } from '@quittance/protocol';
import { Contract, formatEther } from 'ethers';
import { connectRollup, isLocalChain, type L1, withL1 } from '../l1/connect.ts';
import type { Finding } from './checks.ts';

/** An L1 whose latest block is older than this is not synced, or has stopped. */
const STALE_SECONDS = 600;

const ROLLUP_VIEWS = ['function verifier() view returns (address)', 'function isExodusActive() view returns (bool)'];
const VERIFIER_VIEWS = ['function isDevelopmentKey() view returns (bool)'];

async function checkHead({ provider, chainId }: L1, nowSeconds: number): Promise<Finding> {
  const block = await provider.getBlock('latest');
  const age = block === null ? Number.POSITIVE_INFINITY : nowSeconds - block.timestamp;
  const detail = `chain id ${chainId}, block ${block?.number ?? 'none'}, ${Math.max(0, Math.round(age))} s old`;
  // A local chain makes blocks when there is something to put into them.
  return age <= STALE_SECONDS || isLocalChain(chainId)
    ? { name: 'L1', state: 'ok', detail }
    : { name: 'L1', state: 'warning', detail, advice: 'wait until the node is synced, or use another one' };
}

/** What a producer that asserts needs, and how long it and its watchers have. */
async function checkOptimisticMode({ provider, chainId }: L1, contract: string): Promise<Finding> {
  const terms = await createAssertionReader({ provider, chainId, contract }).connect();
  const name = 'optimistic mode';
  if (terms === undefined) return { name, state: 'ok', detail: 'none: every batch needs its proofs' };
  const { challengePeriodSeconds, answerWindowSeconds, stepWindowSeconds, assertionBond, disputeBond } = terms;
  return {
    name,
    state: 'ok',
    detail:
      `bonds of ${formatEther(assertionBond)} ETH a batch and ${formatEther(disputeBond)} ETH a dispute; ` +
      `${challengePeriodSeconds} s to dispute, ${answerWindowSeconds} s to answer, ${stepWindowSeconds} s to prove a step`,
  };
}

async function checkContract(l1: L1, address: string): Promise<Finding[]> {
  const reader = await connectRollup(l1, address);
  const { slotsPerChunk, maxChunks } = await reader.connect();
  const { number } = await reader.finalState();
  const rollup = new Contract(address, ROLLUP_VIEWS, l1.provider);
  const verifier = new Contract((await rollup.getFunction('verifier')()) as string, VERIFIER_VIEWS, l1.provider);
  const isDevelopment = (await verifier.getFunction('isDevelopmentKey')()) as boolean;
  const isExodus = (await rollup.getFunction('isExodusActive')()) as boolean;
  const shape = `${slotsPerChunk} slots a chunk, ${maxChunks} chunks a batch, ${number} batches`;
  return [
    isExodus
      ? {
          name: 'contract',
          state: 'failed',
          detail: `${shape}; the exodus is open: no batch is accepted any more`,
          advice: 'users leave with `quittance wallet exodus`; a new rollup needs a new deployment',
        }
      : { name: 'contract', state: 'ok', detail: shape },
    isDevelopment
      ? {
          name: 'verifying key',
          state: isLocalChain(l1.chainId) ? 'warning' : 'failed',
          detail: 'INSECURE development key: anyone can forge proofs',
          advice: 'for value, deploy again with the key of a ceremony (docs/how-to/run-a-ceremony.md)',
        }
      : { name: 'verifying key', state: 'ok', detail: 'not marked as a development key' },
    await checkOptimisticMode(l1, address),
  ];
}

/** Looks at L1 and, if an address is given, at the contract. Problems are findings, not errors. */
export async function checkL1(
  settings: { readonly url: string; readonly expected: bigint | undefined; readonly contract: string | undefined },
  nowSeconds: number,
): Promise<{ readonly findings: readonly Finding[]; readonly error: RollupError | undefined }> {
  const findings: Finding[] = [];
  try {
    await withL1(settings, async (l1) => {
      findings.push(await checkHead(l1, nowSeconds));
      if (settings.contract !== undefined) findings.push(...(await checkContract(l1, settings.contract)));
    });
    return { findings, error: undefined };
  } catch (cause) {
    const error = translateChainError('looking at L1 and the contract', cause);
    const name = findings.length === 0 ? 'L1' : 'contract';
    return {
      findings: [...findings, { name, state: 'failed', detail: error.message, advice: 'check URL and address' }],
      error,
    };
  }
}
