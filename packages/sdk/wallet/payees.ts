/** Who is paid: finds the account of a receiver, or that it has none yet. */

import { RollupError } from '@quittance/protocol';
import type { SequencerClient } from '../client.ts';
import { accountsOfOwner, isOwn } from './accounts.ts';
import { isAddress, parseOwner, parseReceiver, type ReceiverKey } from './receiver.ts';
import type { Receiver } from './types.ts';

/** A receiver with the index of its account; undefined where it has none. */
export interface Payee {
  readonly receiver: ReceiverKey;
  readonly index: number | undefined;
}

type Client = Pick<SequencerClient, 'call'>;

async function byIndex(client: Client, index: number): Promise<Payee> {
  const account = await client.call('rollup_getAccount', { index, tag: 'latest' });
  if (account !== null) return { index, receiver: { owner: BigInt(account.owner), keyY: BigInt(account.keyY) } };
  throw new RollupError('RECEIVER_EMPTY', `account ${index} does not exist`, { actual: index });
}

async function byKey(client: Client, receiver: ReceiverKey, tokenId: number): Promise<Payee> {
  const accounts = await accountsOfOwner(client, receiver.owner);
  return { receiver, index: accounts.find((account) => isOwn(account, receiver, tokenId))?.index };
}

/** Of an address that has accounts of one key only: of several, nobody says which is the owner's. */
async function byAddress(client: Client, address: string, tokenId: number): Promise<Payee> {
  const owner = parseOwner(address);
  const accounts = await accountsOfOwner(client, owner);
  const keys = [...new Set(accounts.map(({ keyY }) => keyY))];
  if (keys.length === 0) {
    const message = `${address} has no account in the rollup: ask for the receiver, which names a key too`;
    throw new RollupError('NOT_FOUND', message, { owner: address });
  }
  if (keys.length > 1) {
    const message = `${address} has accounts of ${keys.length} keys, and anybody can open one there: ask for the receiver`;
    throw new RollupError('RECEIVER_AMBIGUOUS', message, { owner: address, keyCount: keys.length });
  }
  const receiver = { owner, keyY: BigInt(keys[0]!) };
  return { receiver, index: accounts.find((account) => isOwn(account, receiver, tokenId))?.index };
}

/**
 * The account that a receiver has in a token.
 *
 * @throws RollupError RECEIVER_EMPTY, RECEIVER_AMBIGUOUS, NOT_FOUND, INVALID_ADDRESS, INVALID_KEY or ZERO_OWNER, or as the
 * client's `call`.
 */
export function findPayee(client: Client, to: Receiver, tokenId: number): Promise<Payee> {
  if (typeof to === 'number') return byIndex(client, to);
  return isAddress(to) ? byAddress(client, to, tokenId) : byKey(client, parseReceiver(to), tokenId);
}
