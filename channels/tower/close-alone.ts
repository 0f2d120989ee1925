/** A party closes its channel without the other one: with its newest state, and the exit of the channel's accounts. */

import {
  type ChannelClose,
  type ChannelsReader,
  channelCalls,
  type Included,
  type RollupReader,
} from '@quittance/chain';
import { isRollupError, isSameAddress, RollupError } from '@quittance/protocol';
import type { Clock } from '../../runtime/index.ts';
import { createStateJudge } from './candidates.ts';
import { type VaultAccounts, worthExits } from './exits.ts';
import type { TowerReport } from './look.ts';
import type { TowerSender } from './sender.ts';
import type { Tower } from './tower.ts';
import type { WatchedState } from './types.ts';

export interface CloseAloneOptions {
  readonly reader: ChannelsReader;
  readonly rollup: Pick<RollupReader, 'deploymentFacts'>;
  /** Of a party. */
  readonly sender: TowerSender;
  /** The newest state that both signed. */
  readonly shown: WatchedState;
  /** Accounts of the channel, or where they are looked up. */
  readonly accounts: readonly number[] | VaultAccounts;
}

/** How a channel is being closed. */
export interface ClosedAlone {
  readonly close: ChannelClose;
  /** undefined when somebody was closing it already. */
  readonly included: Included | undefined;
  /** Accounts whose exit was requested: none in the exodus, in which they leave by themselves. */
  readonly accountIndices: readonly number[];
}

/** Gas of a close with one exit, at most, and of each further exit. Source: docs/channels.md, Costs. */
const CLOSE_GAS = 450_000n;
const EXIT_GAS = 150_000n;

/** @throws RollupError CONFIG_INVALID unless L1 takes the state from this account. */
function requireClosable({ reader, sender, shown }: CloseAloneOptions): void {
  const judge = createStateJudge({ chainId: reader.chainId, channels: reader.contract }, reader.vaultOf);
  const { terms, vault } = shown;
  const isParty = isSameAddress(terms.a, sender.account) || isSameAddress(terms.b, sender.account);
  const reason = isParty ? judge.problem(shown) : `${sender.account} is none of its parties ${terms.a} and ${terms.b}`;
  if (reason === undefined) return;
  throw new RollupError('CONFIG_INVALID', `channel ${vault} cannot be closed: ${reason}`, { vault, reason });
}

/** @throws RollupError INSUFFICIENT_FUNDS before anything is sent. */
async function requireFunds({ account, funds }: TowerSender, value: bigint, exits: number): Promise<void> {
  const { balance, feePerGas } = await funds();
  const needed = value + (CLOSE_GAS + EXIT_GAS * BigInt(Math.max(0, exits - 1))) * feePerGas;
  if (balance >= needed) return;
  const message = `${account} has ${balance} wei on L1, closing alone takes ${needed} with the bond: fund it first`;
  throw new RollupError('INSUFFICIENT_FUNDS', message, { account, balance, needed });
}

/** Whether L1 refuses a call with this error. */
const isRefusal = (error: unknown, name: string): boolean =>
  isRollupError(error, 'L1_REJECTED') && error.data.error === name;

/**
 * Closes it, unless somebody does already. From then on a tower does the rest.
 *
 * @throws RollupError CONFIG_INVALID, INSUFFICIENT_FUNDS, L1_REJECTED, L1_UNREACHABLE, or as `TowerSender.send`.
 */
export async function closeAlone(options: CloseAloneOptions, signal?: AbortSignal): Promise<ClosedAlone> {
  const { reader, rollup, sender, shown, accounts } = options;
  requireClosable(options);
  const { vault, terms } = shown;
  const constants = await reader.connect();
  const standing = await reader.closeOf(vault);
  if (standing !== undefined) return { close: standing, included: undefined, accountIndices: [] };
  const { priorityFee } = await rollup.deploymentFacts();
  const asked =
    'ofVault' in accounts
      ? worthExits(await accounts.ofVault(vault, terms.tokenId), terms.tokenId, priorityFee)
      : accounts;
  const calls = channelCalls(constants);
  const send = async (accountIndices: readonly number[]): Promise<Included> => {
    const call = calls.close(shown, { accountIndices, priorityFee });
    await requireFunds(sender, call.value, accountIndices.length);
    await sender.dryRun(call);
    return sender.send(call, undefined, signal);
  };
  let accountIndices = asked;
  let included: Included | undefined;
  try {
    included = await send(asked).catch((error: unknown) => {
      if (!isRefusal(error, 'ExodusActive')) throw error;
      accountIndices = [];
      return send([]);
    });
  } catch (error) {
    // The other party was faster; what it shows is for the tower to judge.
    if (!isRefusal(error, 'AlreadyClosing')) throw error;
  }
  const close = await reader.closeOf(vault);
  if (close === undefined) {
    const message = `the close of channel ${vault} was in a block and is not there any more: L1 was reorganized. Try again`;
    throw new RollupError('L1_REORG', message, { vault });
  }
  return { close, included, accountIndices: included === undefined ? [] : accountIndices };
}

export interface PaidOutOptions {
  readonly tower: Pick<Tower, 'look'>;
  readonly vault: string;
  readonly clock: Pick<Clock, 'sleep'>;
  /** Pause between two looks. */
  readonly intervalMs: number;
  readonly onReport?: (report: TowerReport) => void;
  /** A look failed; the next one comes. */
  readonly onFailure?: (error: unknown) => void;
}

/**
 * Has a tower look until it has nothing more to do or to expect for a channel. It must look accounts and withdrawals up, or this
 * never ends.
 *
 * @throws RollupError L1_WRONG_CHAIN, INVARIANT_BROKEN, or the signal's reason.
 */
export async function untilPaidOut(options: PaidOutOptions, signal?: AbortSignal): Promise<void> {
  const { tower, vault, clock, intervalMs, onReport, onFailure } = options;
  for (;;) {
    try {
      const report = await tower.look(signal);
      onReport?.(report);
      const channel = report.channels.find((one) => isSameAddress(one.vault, vault));
      if (channel?.phase === 'done') return;
    } catch (error) {
      signal?.throwIfAborted();
      const isFatal = !isRollupError(error) || error.code === 'L1_WRONG_CHAIN' || error.code === 'INVARIANT_BROKEN';
      if (isFatal) throw error;
      onFailure?.(error);
    }
    await clock.sleep(intervalMs, signal);
  }
}
