/** What a call costs on L1 today, and what the same call would cost under rules that are announced. */

import type { TransactionResponse } from 'ethers';
import type { DeployedRollup } from './deployment.ts';

/** Gas of a transaction under each of the rules. */
export interface GasUnderRules {
  readonly today: number;
  /** EIP-7976: at least 64 gas for each byte of calldata. */
  readonly eip7976: number;
  /** EIP-8037: a storage slot that was 0 costs 97,920. */
  readonly eip8037: number;
}

const TRANSACTION_GAS = 21_000;
const FLOOR_GAS_PER_BYTE = 64;
/** A slot that was 0, which EIP-8037 makes dearer; more when it was not touched before. */
const FRESH_SLOT_GAS = 20_000;
const COLD_SLOT_GAS = 2_100;
const FRESH_SLOT_GAS_EIP8037 = 97_920;

/** Slots that a transaction filled, by what its steps cost. */
async function freshSlots({ ethers }: Pick<DeployedRollup, 'ethers'>, hash: string): Promise<number> {
  const { structLogs } = (await ethers.provider.send('debug_traceTransaction', [
    hash,
    { disableMemory: true, disableStorage: true, disableStack: true },
  ])) as { structLogs: { op: string; gasCost: number | string }[] };
  const costs = structLogs.filter(({ op }) => op === 'SSTORE').map(({ gasCost }) => Number(gasCost));
  return costs.filter((cost) => cost === FRESH_SLOT_GAS || cost === FRESH_SLOT_GAS + COLD_SLOT_GAS).length;
}

/** Gas of a call that is included at once; that of blobs, which has its own price, is not part of it. */
export async function gasUnderRules(
  world: Pick<DeployedRollup, 'ethers'>,
  sent: Promise<TransactionResponse>,
): Promise<GasUnderRules> {
  const response = await sent;
  const { hash, data } = response;
  const today = Number((await response.wait())!.gasUsed);
  const fresh = await freshSlots(world, hash);
  return {
    today,
    eip7976: Math.max(today, TRANSACTION_GAS + FLOOR_GAS_PER_BYTE * ((data.length - 2) / 2)),
    eip8037: today + fresh * (FRESH_SLOT_GAS_EIP8037 - FRESH_SLOT_GAS),
  };
}
