/** Parties of the benchmark and their channels: whoever knows a party's number knows its key, so that no process has to ask another. */

import { createHash } from 'node:crypto';
import {
  type Address,
  type ChannelContract,
  type ChannelTerms,
  channelAddress,
  channelVault,
} from '@quittance/protocol';
import type { ChannelRecord, Party, StateKeys } from '@quittance/sdk/channels';
import { createStateKeys } from '../../../../channels/index.ts';

export const CONTRACT: ChannelContract = { chainId: 31_337n, channels: `0x${'c1'.repeat(20)}` };
export const IMPLEMENTATION: Address = `0x${'c2'.repeat(20)}`;
/** Base units in each channel. */
export const CAPACITY = 10n ** 15n;

/** A party. */
export interface Member {
  readonly number: number;
  readonly address: Address;
  readonly keys: StateKeys;
}

/** The party with this number. */
export function memberOf(number: number): Member {
  const secretKey = createHash('sha256').update(`INSECURE: party ${number} of a benchmark`).digest();
  const now = (): number => Math.floor(Date.now() / 1_000);
  return { number, address: channelAddress(secretKey), keys: createStateKeys({ contract: CONTRACT, secretKey, now }) };
}

/** The channel of `a` with `b`, who orders, as one of them keeps it: everything is the funder's, and final. */
export function channelOf(a: Member, b: Member, funder: Party, us: Party): ChannelRecord {
  const terms: ChannelTerms = { tokenId: 0, a: a.address, b: b.address, period: 86_400, nonce: 1n };
  const vault = channelVault(CONTRACT.channels, IMPLEMENTATION, terms);
  const state = { version: 0, claim: 0n, residualIsB: funder === 'b', htlcs: [] };
  const hash = a.keys.hash(vault, state);
  return {
    ...{ terms, vault, party: us, isOrderer: us === 'b' },
    newest: { state, signatures: [a.keys.sign(hash), b.keys.sign(hash)] },
    ...{ asked: [], capacity: CAPACITY, isMoving: false, isClosing: false },
  };
}
