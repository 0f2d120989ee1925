/** `quittance rebuild`: everything from L1 alone, without trusting the sequencer. */

import { requireHash } from '@quittance/derivation';
import { headerHash } from '@quittance/protocol';
import * as parse from '../config/parse.ts';
import { optional } from '../config/setting.ts';
import { chainId, contract, l1Url } from '../config/settings.ts';
import { connectRollup, withL1 } from '../l1/connect.ts';
import { defineCommand } from '../process/command.ts';
import { table } from '../process/output.ts';
import { REPLAY_SETTINGS, replay } from './replay.ts';
import { type RebuildView, type UnclaimedView, viewRebuilt } from './view.ts';

/** Accounts that are printed as text; --json has them all. */
const SHOWN_ACCOUNTS = 50;

function describe(view: RebuildView, withOwner: boolean): string {
  const { batch, stateRoot, accountCount, accounts } = view;
  const lines = [
    table([
      ['last final batch', String(batch)],
      ['state root', `0x${stateRoot.toString(16)}`],
      ['header hash', view.headerHash],
      ['accounts', String(accountCount)],
    ]),
  ];
  if (accounts.length > 0) {
    const shown = accounts.slice(0, SHOWN_ACCOUNTS);
    lines.push(
      '',
      table([
        ['index', 'token', 'nonce', 'balance', 'owner'],
        ...shown.map(({ index, tokenId, nonce, balance, owner }) => [
          String(index),
          String(tokenId),
          String(nonce),
          String(balance),
          owner,
        ]),
      ]),
    );
    if (accounts.length > shown.length) lines.push(`… ${accounts.length - shown.length} more; --json has all`);
  }
  if (withOwner) lines.push('', ...describeClaims(view));
  return lines.join('\n');
}

/** What an owner can claim, and which moves are open. */
function describeClaims({ unclaimed, moves }: RebuildView): string[] {
  const cells = ({ batch, index, tokenId, amount }: UnclaimedView) => [batch, index, tokenId, amount].map(String);
  const lines = [unclaimed.length === 0 ? 'nothing to claim' : 'to claim (proofs with --json):'];
  if (unclaimed.length > 0) lines.push(table([['batch', 'index', 'token', 'amount'], ...unclaimed.map(cells)]));
  if (moves.length === 0) return lines;
  const rows = moves.map((move) => [...cells(move), String(move.destination)]);
  const head = 'moves that were neither executed nor claimed (proofs with --json):';
  return [...lines, '', head, table([['batch', 'index', 'token', 'amount', 'destination'], ...rows])];
}

export const rebuild = defineCommand({
  name: 'rebuild',
  summary: 'replay everything from L1 alone: state root, accounts, unclaimed withdrawals with their proofs',
  notes: 'Exit code 6: a batch on L1 breaks the rules.',
  examples: [
    'quittance rebuild --config rollup.json',
    'quittance rebuild --config rollup.json --owner 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 --json',
  ],
  settings: {
    l1Url,
    chainId,
    contract,
    ...REPLAY_SETTINGS,
    owner: optional('<address>', parse.address, 'only accounts and withdrawals of this L1 address'),
  },
  async run(context, values) {
    await withL1({ url: values.l1Url, expected: values.chainId }, async (l1) => {
      const reader = await connectRollup(l1, values.contract);
      const owner = values.owner === undefined ? undefined : BigInt(values.owner);
      const rebuilt = await replay(context, reader, values, owner ?? 'none');
      const hash = headerHash(rebuilt.header);
      const { number } = rebuilt.header;
      requireHash(`header hash of batch ${number}`, await reader.headerHash(number), () => rebuilt.header, headerHash);
      const view = await viewRebuilt(reader, rebuilt, hash, { owner, fromBlock: values.fromBlock });
      context.output.result(view, () => describe(view, owner !== undefined));
    });
  },
});
