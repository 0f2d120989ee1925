/** What the commands about moves can be told. */

import { L1_DEFAULTS } from '@quittance/protocol';
import * as parse from '../config/parse.ts';
import { named, optional, orNone, type Parse, required, toggle, withDefault } from '../config/setting.ts';
import { chainId, contract, fromBlock, l1Url, rpcUrl } from '../config/settings.ts';
import { UsageError } from '../process/errors.ts';
import { WALLET_SETTINGS } from '../wallet/session.ts';
import { type DestinationName, parseDestination } from './destination.ts';
import type { LeastAmount } from './dust.ts';

/** More destinations are for more processes. */
const MAX_DESTINATIONS = 16;

const destinationNames: Parse<readonly DestinationName[]> = (text) => {
  const names = text.split(',');
  if (names.length > MAX_DESTINATIONS) {
    throw new UsageError(`expected at most ${MAX_DESTINATIONS} destinations, got ${names.length}`);
  }
  return names.map(parseDestination);
};

/** "0:1000000000,1:500" → tokens with the least amount of a move. */
const leastAmounts: Parse<readonly LeastAmount[]> = (text) => {
  const list = text.split(',').map((part) => {
    const match = /^(\d{1,10}):(\d{1,39})$/.exec(part);
    if (match === null) throw new UsageError(`expected tokenId:amount, like 0:1000000000, got "${part}"`);
    return { tokenId: Number(match[1]), amount: BigInt(match[2]!) };
  });
  const twice = list.find(({ tokenId }, position) => list.findIndex((each) => each.tokenId === tokenId) < position);
  if (twice !== undefined) throw new UsageError(`expected each token once, got token ${twice.tokenId} twice`);
  return list;
};

/** A contract to move to. */
export const destination = required(
  '<number|address>',
  parseDestination,
  'rollup to move to: its address, or its number in the list on L1',
);

export const REGISTER_SETTINGS = {
  ...WALLET_SETTINGS,
  destinationContract: required('<address>', parse.address, 'contract that moves can go to'),
} as const;

export const EXECUTE_SETTINGS = {
  ...WALLET_SETTINGS,
  fromBlock,
  destination: named(
    'executedDestinations',
    required(
      '<list>',
      destinationNames,
      'whose moves to execute, separated by commas: you pay what these contracts ask for, so name those that you trust',
    ),
  ),
  maxFee: named(
    'maxImportFee',
    withDefault(
      '<wei>',
      parse.wei,
      L1_DEFAULTS.maxPriorityFeeWei,
      'the most that is paid to a destination for each move',
    ),
  ),
  minAmount: named(
    'minMoveAmount',
    optional(
      '<list>',
      leastAmounts,
      'tokens whose moves to execute with the least amount in base units, like 0:1000000000000,1:500; those of other ' +
        'tokens, and smaller ones, are left to their owners. All are executed if not given',
    ),
  ),
  maxSpend: named(
    'maxMoveSpend',
    optional(
      '<wei>',
      parse.wei,
      'the most that one look spends on gas and fees, at the prices of the moment; the rest comes with later looks',
    ),
  ),
  watch: toggle(parse.flag, 'keep looking for moves until interrupted'),
  l1PollMs: named('movesPollMs', withDefault('<ms>', parse.integer(50, 3_600_000), 30_000, 'pause between two looks')),
} as const;

export const LIST_SETTINGS = {
  l1Url,
  chainId,
  contract,
  fromBlock,
  owner: required('<address>', parse.address, 'whose moves'),
  rpcUrl: orNone(rpcUrl),
} as const;
