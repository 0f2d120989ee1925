/** What a command that sends to L1 works with: the user's account, L1 and the contract, and the sequencer if one is named. */

import {
  createTransactionManager,
  type RollupReader,
  rollupInterface,
  type TransactionCall,
  type TransactionManager,
  translateChainError,
} from '@quittance/chain';
import { isRollupError, RollupError } from '@quittance/protocol';
import { type BaseContract, Contract, formatEther, type TransactionReceipt } from 'ethers';
import { systemClock } from '../../runtime/index.ts';
import type { Values } from '../config/setting.ts';
import { ACCOUNT_SETTINGS, chainId, contract, l1Url, rollupKey } from '../config/settings.ts';
import { type L1Account, openAccount } from '../l1/account.ts';
import { connectRollup, isLocalChain, type L1, withL1 } from '../l1/connect.ts';
import type { Context } from '../process/command.ts';
import { warningsOf } from '../process/log.ts';

/** Settings of all wallet commands. */
export const WALLET_SETTINGS = { l1Url, chainId, contract, ...ACCOUNT_SETTINGS, rollupKey } as const;

/** An open wallet. */
export interface Session {
  readonly context: Context;
  readonly l1: L1;
  readonly reader: RollupReader;
  /** The contract, for views. */
  readonly rollup: BaseContract;
  readonly wallet: L1Account;
  readonly transactions: TransactionManager;
}

const POLL_MS = { local: 100, public: 2_000 } as const;

/** Opens keys and connections, and closes the latter at the end. */
export async function withSession<T>(
  context: Context,
  values: Omit<Values<typeof WALLET_SETTINGS>, 'rollupKey'>,
  use: (session: Session) => Promise<T>,
): Promise<T> {
  const wallet = await openAccount(values, context.output);
  return withL1({ url: values.l1Url, expected: values.chainId }, async (l1) => {
    const reader = await connectRollup(l1, values.contract);
    return use({
      context,
      l1,
      reader,
      rollup: new Contract(values.contract, rollupInterface, l1.provider),
      wallet,
      transactions: createTransactionManager({
        provider: l1.provider,
        signer: wallet.connect(l1.provider),
        clock: systemClock,
        logger: warningsOf(context.output),
        pollMs: isLocalChain(l1.chainId) ? POLL_MS.local : POLL_MS.public,
      }),
    });
  });
}

/** A view of the rollup contract. @throws RollupError L1_REJECTED or L1_UNREACHABLE. */
export async function view<T>({ rollup }: Pick<Session, 'rollup'>, name: string, ...args: unknown[]): Promise<T> {
  try {
    return (await rollup.getFunction(name)(...args)) as T;
  } catch (error) {
    throw translateChainError(`reading ${name}`, error);
  }
}

/** Sends a transaction and waits until it is in a block. @throws RollupError INSUFFICIENT_FUNDS, or as the transaction manager's `send`. */
export async function send(
  { l1, wallet, transactions, context }: Session,
  call: TransactionCall,
): Promise<TransactionReceipt> {
  try {
    return await transactions.send(call, context.signal);
  } catch (error) {
    const cause = (error as { cause?: { code?: unknown } }).cause;
    if (!isRollupError(error) || cause?.code !== 'INSUFFICIENT_FUNDS') throw error;
    const balance = await l1.provider.getBalance(wallet.address);
    throw new RollupError(
      'INSUFFICIENT_FUNDS',
      `${wallet.address} has ${formatEther(balance)} ETH on L1, too little for ${formatEther(call.value ?? 0n)} ETH plus gas: fund it first`,
      { account: wallet.address, balance, needed: call.value ?? 0n },
      { cause: error },
    );
  }
}

/** Calls a function of the rollup contract. @throws as `send`. */
export function transact(
  session: Session,
  name: string,
  args: readonly unknown[],
  value = 0n,
): Promise<TransactionReceipt> {
  const { rollup, reader } = session;
  return send(session, { to: reader.contract, data: rollup.interface.encodeFunctionData(name, args), value });
}
