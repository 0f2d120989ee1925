/** `quittance channel close`: with the other party by transfers of the rollup, or alone on L1. */

import { channelCalls, rollupInterface } from '@quittance/chain';
import { isRollupError, RollupError } from '@quittance/protocol';
import type { ChannelSummary } from '@quittance/sdk/channels';
import { Contract, formatEther } from 'ethers';
import type { Values } from '../config/setting.ts';
import { valueText } from '../config/text.ts';
import { connectRollup } from '../l1/connect.ts';
import type { Context } from '../process/command.ts';
import { UsageError } from '../process/errors.ts';
import { table } from '../process/output.ts';
import { view } from '../wallet/session.ts';
import { askBalance, askFeePerGas } from '../watch/funds.ts';
import { coinText, createCoins } from './coins.ts';
import type { CLOSE_SETTINGS } from './command-settings.ts';
import { type PartySession, withParty } from './session.ts';
import { waitFor } from './wait.ts';

type CloseValues = Values<typeof CLOSE_SETTINGS>;

const CONNECT_MS = 10_000;
/** Gas of a close with one exit, at most. Source: docs/channels.md, Costs. */
const CLOSE_GAS = 450_000n;

/** @throws RollupError NOT_FOUND for a channel that is not in this store. */
function channelOf({ node, store }: PartySession, vault: string): ChannelSummary {
  const found = node.party.channels().find((one) => one.vault === vault);
  if (found !== undefined) return found;
  throw new RollupError(
    'NOT_FOUND',
    `there is no channel ${vault} in ${store.file}; quittance channel list shows those that are`,
    {
      actual: vault,
    },
  );
}

/** Signs the close with the other party, unless that is done. */
async function agree(session: PartySession, { vault, peer, closesUntil }: ChannelSummary): Promise<void> {
  const { node, peers, keys, context } = session;
  if (closesUntil !== undefined && closesUntil > keys.now()) {
    context.output.say('both have signed the close: waiting until it is final');
    return;
  }
  await peers.reach(peer, CONNECT_MS).catch((error: unknown) => {
    if (!isRollupError(error, 'CHANNEL_PEER_AWAY')) throw error;
    const where = peers.known(peer)?.url ?? 'a URL that is not in the store';
    const message =
      `the other party ${peer} is not there (${where}): try again later, or close without it: ` +
      `quittance channel close ${vault} --alone`;
    throw new RollupError('CHANNEL_PEER_AWAY', message, { reason: where }, { cause: error });
  });
  await node.party.closeTogether(vault);
  context.output.say('both have signed the close, and the sequencer has it: waiting until it is final');
}

async function closeTogether(session: PartySession, values: CloseValues, found: ChannelSummary): Promise<void> {
  const { node, context, wallet } = session;
  const { vault, tokenId, ours, theirs } = found;
  const token = await createCoins(wallet)(tokenId);
  if (found.stage === 'opening') {
    throw new RollupError(
      'CHANNEL_CHANGE_REFUSED',
      `nothing of the channel ${vault} is final yet: there is nothing to close`,
      {
        reason: 'opening',
      },
    );
  }
  if (found.stage !== 'closed') {
    await agree(session, found);
    const next = 'the same command goes on waiting; what is signed is final by itself';
    await waitFor(context, { timeoutMs: values.timeout * 1_000, what: 'the close to be final', next }, () =>
      channelOf(session, vault).stage === 'closed' ? true : undefined,
    );
  }
  const what =
    found.stage === 'closed'
      ? 'the channel was closed before'
      : `closed: what was ours, ${coinText(ours, token)}, is in your account; whoever had more paid the fees`;
  context.output.result({ vault, stage: 'closed', how: 'together', ours, theirs }, () => what);
  await node.look();
}

/** What it costs and how long it takes, before it is done. */
async function sayCosts(session: PartySession, priorityFee: bigint, period: number): Promise<void> {
  const { l1, constants, address, context } = session;
  const [feePerGas, balance] = await Promise.all([askFeePerGas(l1.provider), askBalance(l1.provider, address)]);
  const gas = CLOSE_GAS * feePerGas;
  const needed = constants.bond + priorityFee + gas;
  context.output.say(
    `closing alone takes a bond of ${formatEther(constants.bond)} ETH, which comes back unless a newer state is shown; ` +
      `${formatEther(priorityFee)} ETH for the exit; and up to ${formatEther(gas)} ETH of gas`,
  );
  context.output.say(
    `anybody can show a newer state for ${valueText({ placeholder: '<duration>' }, period)}; then it is settled and paid out`,
  );
  if (balance >= needed) return;
  throw new RollupError(
    'INSUFFICIENT_FUNDS',
    `${address} has ${formatEther(balance)} ETH on L1, too little for ${formatEther(needed)} ETH: fund it first`,
    { account: address, balance, needed },
  );
}

async function closeAlone(session: PartySession, values: CloseValues, found: ChannelSummary): Promise<void> {
  const { node, reader, constants, context, transactions, l1 } = session;
  const { vault, index } = found;
  const { terms } = node.party.exchange.record(vault)!;
  const standing = await reader.closeOf(vault);
  const next = `now run quittance channel watch --store ${values.store}: it answers older states, settles and collects`;
  if (standing !== undefined) {
    context.output.say(`it is being closed on L1 already, with version ${standing.version}; ${next}`);
    context.output.result(
      { vault, how: 'alone', version: standing.version, periodEnd: standing.periodEnd, transactionHash: null },
      () =>
        table([
          ['version', String(standing.version)],
          ['until', new Date(standing.periodEnd * 1_000).toISOString()],
        ]),
    );
    return;
  }
  const { priorityFee } = await (await connectRollup(l1, values.contract)).deploymentFacts();
  const rollup = new Contract(values.contract, rollupInterface, l1.provider);
  const isExodusActive = await view<boolean>({ rollup }, 'isExodusActive');
  const accountIndices = index === undefined || isExodusActive ? [] : [index];
  if (index === undefined)
    context.output.warn('its account is not final: request its exit once it is (channel watch does)');
  await sayCosts(session, accountIndices.length === 0 ? 0n : priorityFee, terms.period);
  await node.party.stopChannel(vault);
  // Behind all that was signed before it stopped: an older one would cost the bond.
  const { newest } = node.party.exchange.record(vault)!;
  const shown = { terms, state: newest.state, signatures: newest.signatures };
  const receipt = await transactions.send(
    channelCalls(constants).close(shown, { accountIndices, priorityFee }),
    context.signal,
  );
  const close = await reader.closeOf(vault);
  const periodEnd = close?.periodEnd ?? 0;
  const { version } = newest.state;
  context.output.result({ vault, how: 'alone', version, periodEnd, transactionHash: receipt.hash }, () =>
    table([
      ['closing', vault],
      ['with version', String(version)],
      ['until', new Date(periodEnd * 1_000).toISOString()],
      ['transaction', receipt.hash],
    ]),
  );
  context.output.say(next);
}

/** Closes, together unless it is told otherwise. */
export async function runChannelClose(context: Context, values: CloseValues): Promise<void> {
  const { vault } = values;
  if (vault === undefined)
    throw new UsageError('name the channel: quittance channel close <vault>; quittance channel list has it');
  const close = async (session: PartySession): Promise<void> => {
    const found = channelOf(session, vault);
    await (values.alone ? closeAlone : closeTogether)(session, values, found);
  };
  await withParty(context, values, close, { isWithoutSequencer: values.alone });
}
