/** Destinations as people name them: by number, or by the contract's address. */

import { createDestinations, type Destination, type Destinations, type RollupReader } from '@quittance/chain';
import { RollupError, TREE_CAPACITY } from '@quittance/protocol';
import * as parse from '../config/parse.ts';
import type { Parse } from '../config/setting.ts';
import { isLocalChain, type L1 } from '../l1/connect.ts';

/** A destination as a flag names it. */
export type DestinationName = { readonly number: number } | { readonly address: string };

/** @throws UsageError for what is neither. */
export const parseDestination: Parse<DestinationName> = (value) =>
  value.startsWith('0x') ? { address: parse.address(value) } : { number: parse.integer(0, TREE_CAPACITY - 1)(value) };

/** Blocks after which no reorg gives a number to another contract: two epochs of Ethereum. */
const CONFIRMATIONS = { local: 1, public: 64 } as const;

/** The rollup that has the list. */
interface Listing {
  readonly l1: L1;
  readonly reader: Pick<RollupReader, 'contract'>;
}

/** The list of a rollup. */
export function destinationsOf({ l1, reader }: Listing): Destinations {
  const confirmations = isLocalChain(l1.chainId) ? CONFIRMATIONS.local : CONFIRMATIONS.public;
  return createDestinations({ provider: l1.provider, contract: reader.contract, confirmations });
}

/** All numbers that a name stands for, the lowest first. @throws RollupError DESTINATION_UNKNOWN, with what to do. */
export async function resolveDestinations(
  session: Listing,
  name: DestinationName,
): Promise<readonly [Destination, ...Destination[]]> {
  const list = destinationsOf(session);
  if ('number' in name) return [await list.at(name.number)];
  const [first, ...others] = await list.find(name.address);
  if (first !== undefined) return [first, ...others];
  const { contract } = session.reader;
  throw new RollupError(
    'DESTINATION_UNKNOWN',
    `${name.address} is no destination of ${contract}, or not for long enough: register it with ` +
      `\`quittance moves register ${name.address}\` and wait; or withdraw and deposit there`,
    { expected: 'a contract of its list', actual: name.address },
  );
}
