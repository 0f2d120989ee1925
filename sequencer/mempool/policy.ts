/** What the sequencer requires beyond the rules of the protocol: fees, usable keys, room in the tree. */

import { type Account, DEPOSIT_RESERVE_LEAVES, RollupError, TREE_CAPACITY } from '@quittance/protocol';
import type { SequencerConfig } from '../config.ts';
import type { Directory } from './directory.ts';
import type { TransferRequest } from './request.ts';

export interface PolicyOptions {
  readonly config: SequencerConfig;
  readonly directory: Directory;
  readonly isUsableKey: (keyY: bigint) => boolean;
  /** Deposits requested and accounts created by transfers so far; L1 refuses more than the tree has leaves. */
  readonly claimedLeaves: () => number;
  /** Destinations of moves that L1 is known to have. */
  readonly destinationCount: () => number;
}

function checkFee({ config, directory }: PolicyOptions, request: TransferRequest, tokenId: number): void {
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
  if (request.fee < feeToken.minimumFee) {
    throw new RollupError('FEE_TOO_LOW', `the fee is ${request.fee}, but at least ${feeToken.minimumFee} is required`, {
      expected: feeToken.minimumFee,
      actual: request.fee,
    });
  }
  const { keyY, owner } = config.operator;
  if (request.fee > 0n && directory.find(keyY, owner, tokenId) === undefined) {
    throw new RollupError('NO_FEE_ACCOUNT', `the operator has no account for fees in token ${tokenId} yet`, {
      tokenId,
    });
  }
}

function checkKey(options: PolicyOptions, name: string, keyY: bigint): void {
  if (options.isUsableKey(keyY)) return;
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

/** @throws RollupError NOT_FEE_TOKEN, FEE_TOO_LOW, NO_FEE_ACCOUNT, INVALID_KEY, TREE_FULL or DESTINATION_UNKNOWN. */
export function checkPolicy(options: PolicyOptions, request: TransferRequest, sender: Account): void {
  checkFee(options, request, sender.tokenId);
  checkKey(options, 'the key of the sender', sender.keyY);
  if (request.kind === 'transferToNew') {
    checkKey(options, 'toKeyY', request.toKeyY);
    checkRoom(options);
  }
  if (request.kind === 'move') {
    // There it is a deposit, which is refused for no other reason than a key that could not spend it.
    checkKey(options, 'toKeyY', request.toKeyY);
    checkDestination(options, request.destination);
  }
}
