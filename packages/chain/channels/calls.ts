/** Every call of the contracts of channels, as whoever sends takes it: a wallet's signer, or the transaction manager. Pure. */

import type { Bytes32, ChannelState, ChannelTerms, StateSignature } from '@quittance/protocol';
import { channelsInterface, preimagesInterface } from './abi.ts';
import type { ChannelsConstants } from './types.ts';

/** A call of a contract. */
export interface ChannelCall {
  readonly to: string;
  readonly data: string;
  /** Wei. */
  readonly value: bigint;
}

/** A state that can be shown on L1. */
export interface ShowableState {
  readonly terms: ChannelTerms;
  readonly state: ChannelState;
  /** A's first. */
  readonly signatures: readonly [StateSignature, StateSignature];
}

/** Accounts of the vault whose exit is requested. */
export interface RequestedExits {
  /** None in the exodus, in which accounts leave by themselves. */
  readonly accountIndices: readonly number[];
  /** Wei for each, as the rollup says it (`DeploymentFacts.priorityFee`). */
  readonly priorityFee: bigint;
}

/** Encoders of all calls. */
export interface ChannelCalls {
  /** Closes alone, with bond and fees. From: a party. */
  close(shown: ShowableState, exits: RequestedExits): ChannelCall;
  /** Shows a higher version within the period. From: anyone. */
  challenge(shown: ShowableState): ChannelCall;
  /** Requests the exit of further accounts of a vault that is closed. From: a party. */
  requestExits(terms: ChannelTerms, exits: RequestedExits): ChannelCall;
  /** Fixes the shares. From: anyone. @param state the one that was shown last. */
  settle(terms: ChannelTerms, state: ChannelState): ChannelCall;
  /** Pays a party what is there for it. From: anyone. */
  payout(terms: ChannelTerms, toB: boolean): ChannelCall;
  /** The same to another receiver. From: that party. */
  payoutTo(terms: ChannelTerms, receiver: string): ChannelCall;
  /** Sends fees of exits on that the rollup gave back. From: anyone. */
  collectExitFees(terms: ChannelTerms): ChannelCall;
  /** Pays out the sender's bonds. */
  collectBonds(receiver: string): ChannelCall;
  /** Shows a secret. From: anyone. */
  reveal(secret: Bytes32): ChannelCall;
  /** Shows many secrets at once. From: anyone. */
  revealAll(secrets: readonly Bytes32[]): ChannelCall;
}

/**
 * Encoders for one deployment.
 *
 * @param constants as `ChannelsReader.connect` gives them.
 * @example await signer.sendTransaction(channelCalls(constants).payout(terms, true));
 */
export function channelCalls({
  contract,
  preimages,
  bond,
}: Pick<ChannelsConstants, 'contract' | 'preimages' | 'bond'>): ChannelCalls {
  const call = (name: string, args: readonly unknown[], value = 0n): ChannelCall => ({
    to: contract,
    data: channelsInterface.encodeFunctionData(name, args),
    value,
  });
  const feesOf = ({ accountIndices, priorityFee }: RequestedExits): bigint =>
    BigInt(accountIndices.length) * priorityFee;
  return {
    close: ({ terms, state, signatures }, exits) =>
      call('close', [terms, state, signatures, exits.accountIndices], bond + feesOf(exits)),
    challenge: ({ terms, state, signatures }) => call('challenge', [terms, state, signatures]),
    requestExits: (terms, exits) => call('requestExits', [terms, exits.accountIndices], feesOf(exits)),
    settle: (terms, state) => call('settle', [terms, state]),
    payout: (terms, toB) => call('payout', [terms, toB]),
    payoutTo: (terms, receiver) => call('payoutTo', [terms, receiver]),
    collectExitFees: (terms) => call('collectExitFees', [terms]),
    collectBonds: (receiver) => call('collectBonds', [receiver]),
    reveal: (secret) => ({ to: preimages, data: preimagesInterface.encodeFunctionData('reveal', [secret]), value: 0n }),
    revealAll: (secrets) => ({
      ...{ to: preimages, value: 0n },
      data: preimagesInterface.encodeFunctionData('revealAll', [secrets]),
    }),
  };
}
