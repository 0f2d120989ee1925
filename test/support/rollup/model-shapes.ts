/** Carries operations and accounts from the protocol's shapes to the reference model's. */

import { type Account, encodeRecord, type Operation, type RollupState } from '@quittance/protocol';
import { loadOracle } from '../crypto/oracle.ts';
import { type ModelAccount, type ModelInput, ReferenceModel } from './reference-model.ts';
import type { World } from './world.ts';

export function toModelInput({ fields, words, authorization }: Operation): ModelInput {
  return {
    record: encodeRecord(fields),
    words,
    authorization: authorization && {
      validUntil: BigInt(authorization.validUntil),
      keyX: authorization.keyX,
      r8x: authorization.r8.x,
      r8y: authorization.r8.y,
      s: authorization.s,
    },
  };
}

function toModelAccount(index: number, account: Account): ModelAccount {
  const { keyY, owner, tokenId, nonce, balance } = account;
  return { index, keyY, owner, token: BigInt(tokenId), nonce: BigInt(nonce), balance };
}

/** All accounts of a state as the model has them, by index. */
export function modelAccountsOf(state: RollupState): ModelAccount[] {
  return [...state.accounts()]
    .map(([index, account]) => toModelAccount(index, account))
    .sort((left, right) => left.index - right.index);
}

/** The model's accounts by index. */
export function sortedAccounts(model: ReferenceModel): ModelAccount[] {
  return [...model.accounts].sort((left, right) => left.index - right.index);
}

/** A model in the present state of a world. */
export async function createModel(world: World): Promise<ReferenceModel> {
  const { domain, context, state } = world;
  const model = new ReferenceModel(await loadOracle(), domain, BigInt(context.batchTime), context.feeTokens);
  model.accounts = modelAccountsOf(state);
  return model;
}
