/** For each rule, operations that break it and, as far as the world allows, no rule before it. */

import { float40, type Operation, packOwnerAndToken, type RecordErrorCode } from '@quittance/protocol';
import { collectFeeOperation } from '../support/rollup/world.ts';
import { badSignature } from './bad-signature.ts';
import { SHAPE_BREAKERS } from './break-shape.ts';
import { otherThan, withAmount, withDraft, withWord } from './changes.ts';
import { draftDeposit, draftExit, draftPayment, pickSender, sign } from './drafts.ts';
import type { ReachableRollup } from './reachable.ts';

const MAX_BALANCE = 2n ** 128n - 1n;
const LAST_NONCE = 2 ** 32 - 1;
const NOBODY = { keyY: 0n, owner: 0n };

export const BREAKERS: Readonly<Record<RecordErrorCode, (world: ReachableRollup) => Operation>> = {
  ...SHAPE_BREAKERS,
  SENDER_EMPTY: (world) => {
    const draft = draftPayment(world);
    return sign(world, withDraft(draft, { from: world.emptyIndex() }, { nonce: 0 }));
  },
  SELF_TRANSFER: (world) => {
    const draft = draftPayment(world, 1 + world.random.below(2));
    const receiver = world.state.get(draft.fields.from)!;
    return sign(world, withDraft(draft, { to: draft.fields.from }, { receiver }));
  },
  RECEIVER_EMPTY: (world) => {
    if (world.random.chance(0.3)) return collectFeeOperation(world.emptyIndex());
    return sign(
      world,
      withDraft(draftPayment(world, 1), { kind: 1, to: world.emptyIndex() }, { words: [], receiver: NOBODY }),
    );
  },
  RECEIVER_EXISTS: (world) => {
    const draft = draftPayment(world, 2);
    return sign(world, withDraft(draft, { to: world.random.pick(world.indices) }));
  },
  TOKEN_MISMATCH: (world) => {
    const { state, random, indices } = world;
    const draft = draftPayment(world, 1);
    const { tokenId } = state.get(draft.fields.from)!;
    const to = random.pick(indices.filter((index) => state.get(index)!.tokenId !== tokenId));
    return sign(world, withDraft(draft, { kind: 1, to }, { words: [], receiver: state.get(to)! }));
  },
  NOT_FEE_TOKEN: (world) => {
    const { state, random, context, indices } = world;
    const isFeeless = ({ tokenId }: { tokenId: number }) => !context.feeTokens.includes(BigInt(tokenId));
    const feeless = indices.filter((index) => isFeeless(state.get(index)!));
    if (feeless.length > 0 && random.chance(0.3)) return collectFeeOperation(random.pick(feeless));
    const draft = draftPayment(world, undefined, pickSender(world, isFeeless));
    return sign(world, withDraft(withAmount(draft, 0n), { feeFloat: 1 + random.below(random.pick([1, 2_047])) }));
  },
  EXPIRED: (world) => {
    const { batchTime } = world.context;
    const validUntil = world.random.pick([batchTime - 1, 1 + world.random.below(batchTime - 1)]);
    return sign(world, { ...draftPayment(world), validUntil });
  },
  NONCE_EXHAUSTED: (world) => {
    const used = world.indices.filter((index) => world.state.get(index)!.nonce === LAST_NONCE);
    return sign(world, draftPayment(world, undefined, world.random.pick(used)));
  },
  BAD_SIGNATURE: badSignature,
  INSUFFICIENT_BALANCE: (world) => {
    const draft = draftPayment(
      world,
      undefined,
      pickSender(world, ({ balance }) => balance < MAX_BALANCE / 2n),
    );
    const { balance } = world.state.get(draft.fields.from)!;
    const missing = balance + world.random.pick([1n, world.random.bits(30), world.random.bits(127)]);
    const above = float40.encodeFloor(missing) + (float40.isRepresentable(missing) ? 0n : 1n);
    return sign(world, withAmount(draft, world.random.chance(0.1) ? 2n ** 40n - 1n : above));
  },
  WITHDRAWAL_MISMATCH: (world) => {
    const draft = draftPayment(world, world.random.pick([3, 7]));
    const position = world.random.pick([1, 2]);
    const other = otherThan(world, draft.words[position]!, position === 1 ? 192 : 128);
    return sign(world, { ...draft, words: draft.words.with(position, other) });
  },
  DEPOSIT_MISMATCH: (world) => {
    const operation = draftDeposit(world, world.random.pick(world.indices));
    const position = world.random.below(2);
    return withWord(operation, position, otherThan(world, operation.words[position]!, position === 0 ? 250 : 192));
  },
  EXIT_MISMATCH: (world) => {
    const operation = draftExit(world);
    const account = world.state.get(operation.fields.from);
    // Nothing for its owner, everything for another, any other amount.
    if (account !== undefined && world.random.chance(0.3)) {
      const asked = packOwnerAndToken(account.owner ^ 1n, account.tokenId);
      return { ...operation, words: [0n, asked, account.balance] };
    }
    return withWord(operation, 2, otherThan(world, operation.words[2]!, 128));
  },
  BALANCE_OVERFLOW: (world) => {
    const to = world.random.pick(world.indices);
    const { balance } = world.state.get(to)!;
    const operation = draftDeposit(world, to);
    const least = MAX_BALANCE - balance + 1n;
    const amount = least + world.random.pick([0n, world.random.bits(128) % (balance + 1n)]);
    return withWord(operation, 2, amount > MAX_BALANCE ? MAX_BALANCE : amount);
  },
};
