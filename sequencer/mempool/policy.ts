/** What the sequencer requires beyond the rules of the protocol: fees, usable keys, room in the tree. */

import {
  type Account,
  DEPOSIT_RESERVE_LEAVES,
  float16,
  float40,
  type Operation,
  RecordKind,
  RollupError,
  TREE_CAPACITY,
} from '@quittance/protocol';
import type { SequencerConfig } from '../config.ts';
import type { Directory } from './directory.ts';
import type { UsableKeys } from './usable-keys.ts';

export interface PolicyOptions {
  readonly config: SequencerConfig;
  /** Whether the operator has an account for fees in a token. */
  readonly hasFeeAccount: (tokenId: number) => boolean;
  readonly keys: UsableKeys;
  /** Deposits requested and accounts created by transfers so far; L1 refuses more than the tree has leaves. */
  readonly claimedLeaves: () => number;
  /** Destinations of moves that L1 is known to have. */
  readonly destinationCount: () => number;
}

/** Knows the operator's accounts for fees: one that is certain stays, so it is looked up once. */
export function createFeeAccounts(
  directory: Directory,
  { keyY, owner }: SequencerConfig['operator'],
): (tokenId: number) => boolean {
  const known = new Set<number>();
  return (tokenId) => {
    if (known.has(tokenId)) return true;
    if (directory.find(keyY, owner, tokenId) === undefined) return false;
    known.add(tokenId);
    return true;
  };
}

function checkFee({ config, hasFeeAccount }: PolicyOptions, fee: bigint, tokenId: number): void {
  const feeToken = config.feeTokens.find((token) => token.tokenId === tokenId);
  if (feeToken === undefined) {
    const accepted = config.feeTokens.map((token) => token.tokenId).join(', ');
    throw new RollupError(
      'NOT_FEE_TOKEN',
      `this sequencer takes no fees in token ${tokenId}, so it does not transfer it`,
      {
        expected: accepted,
        actual: tokenId,
      },
    );
  }
  if (fee < feeToken.minimumFee) {
    throw new RollupError('FEE_TOO_LOW', `the fee is ${fee}, but at least ${feeToken.minimumFee} is required`, {
      expected: feeToken.minimumFee,
      actual: fee,
    });
  }
  if (fee > 0n && !hasFeeAccount(tokenId)) {
    throw new RollupError('NO_FEE_ACCOUNT', `the operator has no account for fees in token ${tokenId} yet`, {
      tokenId,
    });
  }
}

function checkKey(options: PolicyOptions, name: string, keyY: bigint): void {
  if (options.keys.isUsable(keyY)) return;
  throw new RollupError(
    'INVALID_KEY',
    `${name} is not in the prime subgroup of BabyJubJub: others than its owner could sign for it`,
    {
      name,
      actual: keyY,
    },
  );
}

function checkRoom(options: PolicyOptions): void {
  const limit = TREE_CAPACITY - DEPOSIT_RESERVE_LEAVES;
  const claimed = options.claimedLeaves();
  if (claimed < limit) return;
  throw new RollupError('TREE_FULL', `the tree has no room for new accounts: ${claimed} of ${limit} are taken`, {
    expected: limit,
    actual: claimed,
  });
}

function checkDestination({ destinationCount }: PolicyOptions, destination: number): void {
  const count = destinationCount();
  if (destination < count) return;
  throw new RollupError(
    'DESTINATION_UNKNOWN',
    `L1 has ${count} destinations of moves, and none of number ${destination}`,
    { expected: count, actual: destination },
  );
}

/**
 * What costs next to nothing to check. @throws RollupError NOT_FEE_TOKEN, FEE_TOO_LOW, NO_FEE_ACCOUNT or DESTINATION_UNKNOWN.
 */
export function checkTerms(options: PolicyOptions, { fields }: Operation, sender: Account): void {
  checkFee(options, float16.decode(BigInt(fields.feeFloat)), sender.tokenId);
  if (fields.kind === RecordKind.move) checkDestination(options, fields.to);
}

/**
 * What no transfer before it can make affordable needs no signature check. The rules say it again of the balance at its turn.
 *
 * @param received most that the sender may receive before its turn.
 * @throws RollupError INSUFFICIENT_BALANCE.
 */
export function checkBalance({ fields }: Operation, { balance }: Account, received: bigint): void {
  const cost = float40.decode(fields.amountFloat) + float16.decode(BigInt(fields.feeFloat));
  if (balance + received >= cost) return;
  throw new RollupError('INSUFFICIENT_BALANCE', `costs ${cost}, the balance is ${balance}`, {
    expected: cost,
    actual: balance,
  });
}

/** Whether it names a key that is to spend what it pays. */
const namesKey = ({ fields: { kind } }: Operation): boolean =>
  kind === RecordKind.transferToNew || kind === RecordKind.move;

/** The keys that `checkKeys` looks at. */
export function keysOf(operation: Operation, sender: Account): bigint[] {
  return namesKey(operation) ? [sender.keyY, operation.words[0]!] : [sender.keyY];
}

/**
 * What is looked up where the keys were learned, for those whose signature is good: nobody has others check keys for nothing.
 *
 * @throws RollupError INVALID_KEY or TREE_FULL.
 */
export function checkKeys(options: PolicyOptions, operation: Operation, sender: Account): void {
  checkKey(options, 'the key of the sender', sender.keyY);
  // Elsewhere it is a deposit, which is refused for no other reason than a key that could not spend it.
  if (namesKey(operation)) checkKey(options, 'toKeyY', operation.words[0]!);
  if (operation.fields.kind === RecordKind.transferToNew) checkRoom(options);
}
