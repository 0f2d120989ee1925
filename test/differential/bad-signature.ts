/** Payments that are signed wrongly, or by nobody. */

import { FIELD_MODULUS, type Operation, SUBGROUP_ORDER } from '@quittance/protocol';
import { otherThan, withAmount, withDraft } from './changes.ts';
import { draftPayment, pickSender, sign } from './drafts.ts';
import { keyPairOf, type ReachableRollup } from './reachable.ts';

/** One thing wrong with who signed what. */
export function badSignature(world: ReachableRollup): Operation {
  const { random, state } = world;
  const draft = draftPayment(world);
  const good = sign(world, draft);
  const unusable = world.indices.filter((index) => keyPairOf(state.get(index)!.keyY) === undefined);
  const someone = state.get(pickSender(world, ({ keyY }) => keyY !== draft.signer))!;
  const altered = (change: (authorization: NonNullable<Operation['authorization']>) => object): Operation =>
    good.authorization === undefined
      ? good
      : { ...good, authorization: { ...good.authorization, ...change(good.authorization) } };
  const bit = 1n << BigInt(random.below(254));
  return random.pick<() => Operation>([
    () => ({ fields: good.fields, words: good.words }),
    () => sign(world, { ...draft, nonce: (draft.nonce + random.pick([1, 2 ** 32 - 1])) % 2 ** 32 }),
    () => sign(world, { ...draft, domain: draft.domain ?? random.fieldElement() }),
    () => sign(world, { ...draft, signer: someone.keyY }),
    () => sign(world, { ...draft, receiver: { keyY: random.fieldElement(), owner: draft.receiver.owner } }),
    () => ({ ...sign(world, withAmount(draft, otherThan(world, draft.fields.amountFloat, 35))), fields: good.fields }),
    () => ({ ...sign(world, withDraft(draft, {}, { validUntil: 2 ** 40 - 2 })), authorization: good.authorization! }),
    () => altered(({ validUntil }) => ({ validUntil: validUntil === 0 ? 2 ** 40 - 1 : 0 })),
    () => altered(({ keyX }) => ({ keyX: FIELD_MODULUS - keyX })),
    () => altered(({ r8 }) => ({ r8: { x: FIELD_MODULUS - r8.x, y: r8.y } })),
    () => altered(({ keyX }) => ({ keyX: keyX ^ bit })),
    () => altered(({ r8 }) => ({ r8: { x: r8.x ^ bit, y: r8.y } })),
    () => altered(({ r8 }) => ({ r8: { x: r8.x, y: r8.y ^ bit } })),
    () => altered(({ s }) => ({ s: s ^ (bit & (2n ** 251n - 1n)) })),
    () => altered(({ s }) => ({ s: s + SUBGROUP_ORDER })),
    () => altered(() => ({ r8: { x: 0n, y: 1n }, s: 0n })),
    () => {
      if (unusable.length === 0) return { fields: good.fields, words: good.words };
      const from = random.pick(unusable);
      return sign(world, { ...draftPayment(world, undefined, from), signer: someone.keyY });
    },
  ])();
}
