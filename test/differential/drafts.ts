/** What people of a world say: valid operations of each kind, signed as they are, sense or nonsense. */

import {
  type Account,
  float16,
  float40,
  forcedExitAmount,
  NOOP,
  type Operation,
  packOwnerAndToken,
  type RecordFields,
  RecordKind,
  signMessage,
  TREE_CAPACITY,
  transactionMessage,
} from '@quittance/protocol';
import type { Random } from '../support/property/random.ts';
import { collectFeeOperation, depositOperation } from '../support/rollup/world.ts';
import { keyPairOf, type ReachableRollup } from './reachable.ts';

/** A payment before it is signed. */
export interface Draft {
  readonly fields: RecordFields;
  readonly words: readonly bigint[];
  /** y of the key that signs. */
  readonly signer: bigint;
  readonly nonce: number;
  readonly validUntil: number;
  readonly receiver: { readonly keyY: bigint; readonly owner: bigint };
  readonly domain?: bigint;
}

const NOBODY = { keyY: 0n, owner: 0n };

/** The kinds that somebody signs. */
const PAYMENT_KINDS = [RecordKind.transfer, RecordKind.transferToNew, RecordKind.withdraw, RecordKind.move] as const;

/** Signs a draft; unsigned when the signer's key is no key. */
export function sign({ context, crypto }: ReachableRollup, draft: Draft): Operation {
  const { fields, words, signer, nonce, validUntil, domain = context.domain } = draft;
  const keyPair = keyPairOf(signer);
  if (keyPair === undefined) return { fields, words };
  const receiver = fields.kind === RecordKind.transferToNew ? { keyY: words[0]!, owner: words[1]! } : draft.receiver;
  const message = transactionMessage(crypto.hasher, {
    domain,
    fields,
    nonce,
    validUntil,
    receiverKeyY: receiver.keyY,
    receiverOwner: receiver.owner,
  });
  const { r8, s } = signMessage(crypto.hasher, keyPair, message);
  return { fields, words, authorization: { validUntil, keyX: keyPair.publicKey.x, r8, s } };
}

/** Someone who can pay: with a key and a nonce left. `accept` narrows the choice. */
export function pickSender(world: ReachableRollup, accept: (account: Account) => boolean = () => true): number {
  const able = world.indices.filter((index) => {
    const account = world.state.get(index)!;
    return keyPairOf(account.keyY) !== undefined && account.nonce < 2 ** 32 - 1 && accept(account);
  });
  return world.random.pick(able.length > 0 ? able : world.indices);
}

/** The same value in an encoding that need not be the canonical one. */
function recode(random: Random, encoding: bigint, mantissaBits: number): bigint {
  const unit = 1n << BigInt(mantissaBits);
  const [mantissa, exponent] = [encoding % unit, encoding / unit];
  if (mantissa === 0n) return random.chance(0.2) ? BigInt(random.below(32)) * unit : encoding;
  if (exponent === 0n || mantissa * 10n >= unit || random.chance(0.7)) return encoding;
  return mantissa * 10n + (exponent - 1n) * unit;
}

/** A payment of kind 1, 2, 3 or 7 that its sender can make; kind 1 has to find a receiver of the token, or it is a kind 2. */
export function draftPayment(
  world: ReachableRollup,
  kind: number = world.random.pick(PAYMENT_KINDS),
  from?: number,
): Draft {
  const { random, state, context } = world;
  const index = from ?? pickSender(world);
  const sender = state.get(index)!;
  const peers = world.indices.filter((other) => other !== index && state.get(other)!.tokenId === sender.tokenId);
  if (kind === RecordKind.transfer && peers.length === 0) return draftPayment(world, RecordKind.transferToNew, index);
  const paysFee = context.feeTokens.includes(BigInt(sender.tokenId));
  const wish = random.pick([0n, 1n, random.bits(20), sender.balance]);
  const most = wish % (sender.balance + 1n);
  const feeFloat = paysFee && random.chance(0.7) ? float16.encodeFloor(most % 10n ** 30n) : 0n;
  const rest = sender.balance - float16.decode(feeFloat);
  const amountFloat = float40.encodeFloor(random.pick([0n, rest, random.bits(128) % (rest + 1n), rest % 10_000n]));
  const { keyY, owner } = world.newcomer();
  const to = pickReceiver(world, kind, index, peers);
  const own = packOwnerAndToken(sender.owner, sender.tokenId);
  const words: Readonly<Record<number, readonly bigint[]>> = {
    [RecordKind.transfer]: [],
    [RecordKind.transferToNew]: [keyY, owner, 0n],
    [RecordKind.withdraw]: [0n, own, float40.decode(amountFloat)],
    [RecordKind.move]: [keyY, own, float40.decode(amountFloat)],
  };
  return {
    fields: {
      kind,
      from: index,
      to,
      amountFloat: recode(random, amountFloat, float40.mantissaBits),
      feeFloat: Number(recode(random, feeFloat, float16.mantissaBits)),
    },
    words: words[kind]!,
    signer: sender.keyY,
    nonce: sender.nonce,
    validUntil: random.pick([0, 0, context.batchTime, 2 ** 40 - 1]),
    receiver: receiverOf(world, kind, to, keyY),
  };
}

/** `to` of a payment; that of a move is a destination's number, which may be the index of an account, its own too. */
function pickReceiver(world: ReachableRollup, kind: number, from: number, peers: readonly number[]): number {
  const { random, indices } = world;
  if (kind === RecordKind.transfer) return random.pick(peers);
  if (kind === RecordKind.transferToNew) return world.emptyIndex();
  if (kind === RecordKind.withdraw) return 0;
  return random.pick([0, TREE_CAPACITY - 1, from, random.pick(indices), random.below(99)]);
}

/** What the message of a payment names beside the record; that of a transferToNew follows from its words. */
function receiverOf({ state }: ReachableRollup, kind: number, to: number, keyY: bigint): Draft['receiver'] {
  if (kind === RecordKind.transfer) return state.get(to)!;
  return kind === RecordKind.move ? { keyY, owner: 0n } : NOBODY;
}

/** A deposit of little, or of all that fits, to an account or to an empty leaf. */
export function draftDeposit(world: ReachableRollup, to?: number): Operation {
  const { random, state } = world;
  const index = to ?? random.pick([world.emptyIndex(), random.pick(world.indices), random.pick(world.indices)]);
  const account = state.get(index) ?? { ...world.newcomer(), tokenId: random.pick(world.tokens), balance: 0n };
  const most = 2n ** 128n - 1n - account.balance;
  const wish = random.pick([0n, random.bits(10), random.bits(60), most]);
  return depositOperation(index, account, wish < most ? wish : most);
}

/** An exit that somebody asked for: the owner, somebody else, or of an empty leaf. */
export function draftExit(world: ReachableRollup, from?: number): Operation {
  const { random, state } = world;
  const index = from ?? (random.chance(0.1) ? world.emptyIndex() : random.pick(world.indices));
  const account = state.get(index);
  const own = account && packOwnerAndToken(account.owner, account.tokenId);
  const asked = own !== undefined && random.chance(0.7) ? own : random.bits(192);
  const fields = { kind: RecordKind.forcedExit, from: index, to: 0, amountFloat: 0n, feeFloat: 0 };
  return { fields, words: [0n, asked, forcedExitAmount(account, asked)] };
}

/** The fees of a token go to somebody who holds it. */
function draftCollectFee(world: ReachableRollup): Operation {
  const { random, state, context } = world;
  const able = world.indices.filter((index) => context.feeTokens.includes(BigInt(state.get(index)!.tokenId)));
  return able.length === 0 ? NOOP : collectFeeOperation(random.pick(able));
}

/** An operation of a kind that is valid, but for the world's bad keys. */
export function draftAny(world: ReachableRollup, kind = world.random.below(8)): Operation {
  if (kind === RecordKind.noop) return NOOP;
  if (kind === RecordKind.deposit) return draftDeposit(world);
  if (kind === RecordKind.forcedExit) return draftExit(world);
  if (kind === RecordKind.collectFee) return draftCollectFee(world);
  return sign(world, draftPayment(world, kind));
}
