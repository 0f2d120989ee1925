/** Final withdrawals of vaults, found on L1 alone, as calls that anybody can send. */

import { type RollupReader, rollupInterface, translateChainError } from '@quittance/chain';
import { readClaimableBatches, type WithdrawalClaim, withdrawalsOf } from '@quittance/derivation';
import { unpackOwnerAndToken } from '@quittance/protocol';
import { Contract, type JsonRpcProvider } from 'ethers';
import type { VaultClaim, VaultClaims } from '../../channels/index.ts';

/** One transaction pays at most this many: far below a block's gas. */
const CLAIMS_PER_CALL = 20;

type Final = Awaited<ReturnType<typeof readClaimableBatches>>;
type Known = NonNullable<Parameters<typeof readClaimableBatches>[0]['known']>;

/** Withdrawals of one batch share its header, so they go together. */
function groupsOf(claims: readonly WithdrawalClaim[]): WithdrawalClaim[][] {
  const groups: WithdrawalClaim[][] = [];
  for (const claim of claims) {
    const last = groups.at(-1);
    const fits = last?.[0]?.header.number === claim.header.number && last.length < CLAIMS_PER_CALL;
    if (last !== undefined && fits) last.push(claim);
    else groups.push([claim]);
  }
  return groups;
}

function callOf(contract: string, group: readonly WithdrawalClaim[]): VaultClaim {
  const { header } = group[0]!;
  const list = group.map(({ index, ownerAndToken, amount, siblings }) => ({ index, ownerAndToken, amount, siblings }));
  const data = rollupInterface.encodeFunctionData('claimWithdrawals', [header, list]);
  const key = `${header.number}:${group.map(({ index }) => index).join()}`;
  const amount = group.reduce((sum, one) => sum + one.amount, 0n);
  return { key, amount, call: { to: contract, data, value: 0n } };
}

export interface VaultClaimOptions {
  readonly reader: RollupReader;
  readonly provider: JsonRpcProvider;
  /** Block of the deployment, or one before it. */
  readonly fromBlock: number;
}

/** Reads final batches, each once; the first time all of them. */
export function createVaultClaims({ reader, provider, fromBlock }: VaultClaimOptions): VaultClaims {
  const rollup = new Contract(reader.contract, rollupInterface, provider);
  const known: Known = new Map();
  let read: { readonly number: number; readonly final: Promise<Final>; isDone: boolean } | undefined;

  function begin(number: number): Promise<Final> {
    const own = { number, final: readClaimableBatches({ reader, fromBlock, known }), isDone: false };
    read = own;
    own.final.then(
      () => {
        own.isDone = true;
      },
      () => {
        if (read === own) read = undefined;
      },
    );
    return own.final;
  }

  /** The first reading can take long: whoever asks meanwhile waits for it, also when a batch came since. */
  async function finalBatches(): Promise<Final> {
    const { number } = await reader.finalState();
    return read !== undefined && (!read.isDone || read.number === number) ? read.final : begin(number);
  }

  async function isUnpaid({ header, index }: WithdrawalClaim): Promise<boolean> {
    try {
      return !(await rollup.getFunction('isClaimed')(header.number, index));
    } catch (error) {
      throw translateChainError('reading whether a withdrawal was paid', error);
    }
  }

  return {
    async unpaid(vault, tokenId) {
      const own = withdrawalsOf(await finalBatches(), BigInt(vault));
      const withdrawals = own.filter(({ ownerAndToken }) => unpackOwnerAndToken(ownerAndToken).tokenId === tokenId);
      const isOpen = await Promise.all(withdrawals.map(isUnpaid));
      const open = withdrawals.filter((_, place) => isOpen[place]);
      return groupsOf(open).map((group) => callOf(reader.contract, group));
    },
  };
}
