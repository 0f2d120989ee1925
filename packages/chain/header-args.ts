/** Headers as ethers decodes them. */

import { type Bytes32, headerHash, RollupError, type StoredHeader } from '@quittance/protocol';
import type { Result } from 'ethers';

/** A header in calldata or in an event. */
export function toHeader(header: Result): StoredHeader {
  return {
    number: Number(header['number']),
    time: Number(header['time']),
    parentHash: header['parentHash'] as string,
    stateRoot: header['stateRoot'] as bigint,
    chunksHash: header['chunksHash'] as string,
    withdrawalsRoot: header['withdrawalsRoot'] as string,
    withdrawalCount: Number(header['withdrawalCount']),
    priorityCount: Number(header['priorityCount']),
    transferToNewCount: Number(header['transferToNewCount']),
  };
}

/**
 * The header of an event that also names its hash.
 *
 * @throws RollupError L1_INCONSISTENT when it hashes to another one: the contract writes both from one header.
 */
export function toHashedHeader(args: Result): { readonly header: StoredHeader; readonly headerHash: Bytes32 } {
  const header = toHeader(args['header'] as Result);
  const [expected, actual] = [args['headerHash'] as Bytes32, headerHash(header)];
  if (actual === expected) return { header, headerHash: expected };
  const what = `the header of batch ${header.number}`;
  const message = `L1 gave an event with ${what} whose hash is ${actual}, and names the hash ${expected}; check the node`;
  throw new RollupError('L1_INCONSISTENT', message, { what, expected, actual });
}
