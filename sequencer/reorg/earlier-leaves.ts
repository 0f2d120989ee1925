/**
 * Finds where a deposit went before L1 took it back. Transfers name accounts by their leaves: one that is requested again,
 * in another order or with another amount, goes where it went, so that they can be executed.
 */

import { packOwnerAndToken, RecordKind } from '@quittance/protocol';
import { creationKey, ownerKey, type Storage } from '../../storage/index.ts';
import { sealedThrough } from '../batcher/seal.ts';
import type { Ledger } from '../mempool/ledger.ts';
import { acceptedBefore } from './take-back.ts';

/** Most requests of an owner that are looked at, the newest first: anybody can make many in the name of another. */
const MOST_REQUESTS = 1_000;

/** The leaf that deposits for this key, owner and token went to, if it is free for them. */
export type EarlierLeaf = (keyY: bigint, owner: bigint, tokenId: number) => number | undefined;

/** Looks in the log. Where nothing was ever taken back this costs nothing. */
export function createEarlierLeaves(storage: Storage, ledger: Pick<Ledger, 'pending'>): EarlierLeaf {
  const { log, lookups, outcomes } = storage;
  const isDropped = (sequence: number): boolean => outcomes.dropOf(sequence) !== undefined;

  /** Whether an open transfer makes an account of its own there. */
  const isPromised = (leaf: number): boolean =>
    lookups.from(creationKey(leaf), sealedThrough(storage) + 1, MOST_REQUESTS).some((sequence) => {
      const entry = log.get(sequence)?.entry;
      return entry?.type === 'transfer' && entry.operation.fields.to === leaf && !isDropped(sequence);
    });

  return (keyY, owner, tokenId) => {
    if (acceptedBefore(storage) === 0) return undefined;
    const word = packOwnerAndToken(owner, tokenId);
    for (const sequence of lookups.before(ownerKey(owner), Number.MAX_SAFE_INTEGER, MOST_REQUESTS)) {
      const entry = log.get(sequence)?.entry;
      if (entry?.type !== 'priority' || entry.operation.fields.kind !== RecordKind.deposit) continue;
      const { fields, words } = entry.operation;
      if (words[0] !== keyY || words[1] !== word || !isDropped(sequence)) continue;
      return ledger.pending.get(fields.to) === undefined && !isPromised(fields.to) ? fields.to : undefined;
    }
    return undefined;
  };
}
