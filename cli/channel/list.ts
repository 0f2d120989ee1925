/** `quittance channel list`: one's channels, and the newest states for a watchtower. */

import { renameSync, writeFileSync } from 'node:fs';
import { isRollupError } from '@quittance/protocol';
import { createClient } from '@quittance/sdk';
import { type ChannelSummary, encodeChannelExport } from '@quittance/sdk/channels';
import { createStoreSource } from '../../channels/index.ts';
import type { Values } from '../config/setting.ts';
import type { Context } from '../process/command.ts';
import { UsageError } from '../process/errors.ts';
import { table } from '../process/output.ts';
import { coinText, createCoins } from './coins.ts';
import type { LIST_SETTINGS } from './command-settings.ts';
import { type PartySession, withParty } from './session.ts';

type ListValues = Values<typeof LIST_SETTINGS>;

/** Others are not waited for longer than that. */
const CONNECT_MS = 3_000;

/** Writes what a watchtower needs: all of it, or what was there before. @returns how many channels. */
async function writeExport({ contract, store }: PartySession, file: string): Promise<number> {
  const { states } = await createStoreSource(store.file, store).newest(true);
  try {
    writeFileSync(`${file}.new`, encodeChannelExport(states.map((one) => ({ ...one, contract }))), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  } catch (error) {
    throw new UsageError(`cannot write ${file}: ${(error as Error).message}`);
  }
  return states.length;
}

async function rowsOf({ wallet, peers }: PartySession, channels: readonly ChannelSummary[]): Promise<string[][]> {
  const coinOf = createCoins(wallet);
  const rows: string[][] = [];
  for (const { vault, stage, peer, tokenId, ours, theirs, locked, isOurs, isConnected } of channels) {
    const token = await coinOf(tokenId);
    const amounts = [ours, theirs, locked].map((units) => coinText(units, token));
    rows.push([
      vault,
      stage,
      ...amounts,
      isOurs ? 'us' : 'them',
      peers.known(peer)?.url ?? peer,
      stage === 'closed' ? '' : isConnected ? 'yes' : 'no',
    ]);
  }
  return rows;
}

/** Whether the sequencer answers. Without it the list is what was known last, and L1. */
async function isSequencerThere({ rpcUrl }: ListValues): Promise<boolean> {
  try {
    await createClient({ url: rpcUrl, timeoutMs: CONNECT_MS }).call('rollup_getConfig', {});
    return true;
  } catch (error) {
    if (isRollupError(error, 'RPC_UNREACHABLE') || isRollupError(error, 'RPC_TIMEOUT')) return false;
    throw error;
  }
}

/** Lists them. @throws UsageError or RollupError as `withParty`. */
export async function runChannelList(context: Context, values: ListValues): Promise<void> {
  const { output } = context;
  const isWithoutSequencer = !(await isSequencerThere(values));
  if (isWithoutSequencer)
    output.warn(`the sequencer at ${values.rpcUrl} does not answer: channels are shown as they were known last`);
  const list = async (session: PartySession): Promise<void> => {
    const { node, peers } = session;
    const open = node.party.channels().filter(({ stage }) => stage !== 'closed');
    const others = [...new Set(open.map(({ peer }) => peer))];
    await Promise.allSettled(others.map((peer) => peers.reach(peer, CONNECT_MS)));
    if (!isWithoutSequencer) await node.look();
    const channels = node.party.channels();
    if (values.export !== undefined) {
      const count = await writeExport(session, values.export);
      output.say(
        `${count} states are in ${values.export}: give it to quittance channel watch, and write it again after payments`,
      );
    }
    const rows = await rowsOf(session, channels);
    output.result(
      channels.map((one) => ({
        ...one,
        url: peers.known(one.peer)?.url ?? null,
        closesUntil: one.closesUntil ?? null,
      })),
      () =>
        rows.length === 0
          ? 'no channel yet: quittance channel open --hub <url> --amount …'
          : table([
              ['channel', 'stage', 'we can pay', 'we can be paid', 'locked', 'paid in by', 'with', 'connected'],
              ...rows,
            ]),
    );
  };
  await withParty(context, values, list, { isWithoutSequencer });
}
