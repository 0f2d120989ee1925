import assert from 'node:assert/strict';
import {
  type ExecuteOptions,
  isSignedKind,
  type Operation,
  RECORD_ERROR_CODES,
  transactionMessage,
  wordCountOf,
} from '@quittance/protocol';
import fc from 'fast-check';
import { BREAKERS } from '../../differential/breakers.ts';
import { draftAny } from '../../differential/drafts.ts';
import { ReachableRollup } from '../../differential/reachable.ts';
import { describeNative } from '../../support/native.ts';
import { worldSeed } from '../../support/property/arbitraries.ts';
import { property } from '../../support/property/property.ts';
import { createRandom } from '../../support/property/random.ts';
import { batchOf, idsOf } from '../../support/rollup/engine-batch.ts';
import { collectFeeOperation } from '../../support/rollup/world.ts';
import { executeOnAll, NATIVE_CRYPTO } from './engines.ts';

const SLOTS = 24;

/** Whether a record can be said in OPERATION_BYTES. */
const isPackable = ({ fields, words }: Operation): boolean => words.length === wordCountOf(fields.kind);

/** An operation of a world that breaks some rule, or none; each as it would be on the world's first state. */
function anyOperation(world: ReachableRollup): Operation {
  for (;;) {
    const isValid = world.random.chance(0.6);
    const operation = isValid ? draftAny(world) : BREAKERS[world.random.pick(RECORD_ERROR_CODES)](world);
    if (isPackable(operation)) return operation;
  }
}

/** The ids that an operation has on the world's first state; a few are wrong. */
function idOf(
  { random, crypto, context, state }: ReachableRollup,
  { fields, words, authorization }: Operation,
): bigint {
  const sender = state.get(fields.from);
  if (!isSignedKind(fields.kind) || sender === undefined || random.chance(0.1))
    return random.pick([0n, random.bits(256)]);
  const receiver = state.get(fields.to);
  const [keyY, owner] = {
    1: [receiver?.keyY ?? 0n, receiver?.owner ?? 0n],
    2: [words[0]!, words[1]!],
    3: [0n, 0n],
    7: [words[0]!, 0n],
  }[fields.kind as 1 | 2 | 3 | 7] as [bigint, bigint];
  const validUntil = authorization?.validUntil ?? 0;
  const content = { domain: context.domain, fields, nonce: sender.nonce, validUntil };
  const isField = [keyY, owner].every((value) => value < 2n ** 253n);
  return isField ? transactionMessage(crypto.hasher, { ...content, receiverKeyY: keyY, receiverOwner: owner }) : 0n;
}

describeNative('broken batches on both engines', () => {
  const codes = new Set<string>();
  let accepted = 0;

  property(
    'are refused in the same slots with the same words, and what is left is executed to the same bytes',
    [worldSeed(), fc.constantFrom('stop', 'skip'), fc.constantFrom('believed', 'verified', 'ids'), fc.nat(SLOTS)],
    async (seed, onInvalid, judge, cut) => {
      const world = new ReachableRollup(createRandom(seed), NATIVE_CRYPTO);
      const accounts = [...world.state.accounts()];
      const operations = Array.from({ length: SLOTS }, () => anyOperation(world));
      const ids = operations.map((operation) => idOf(world, operation));
      const execute = async (kept: readonly number[], extra: readonly Operation[] = [], stop = onInvalid) => {
        const chosen = kept.map((position) => operations[position]!);
        const at = Math.min(cut, chosen.length);
        const signatures =
          judge === 'ids' ? { ids: idsOf([...kept.map((position) => ids[position]!), ...extra.map(() => 0n)]) } : judge;
        const options = { signatures, onInvalid: stop, traces: true, commitments: true } as ExecuteOptions;
        return executeOnAll(
          accounts,
          batchOf(world.context, chosen.slice(0, at), [...chosen.slice(at), ...extra]),
          options,
        );
      };
      let kept = operations.map((_, position) => position);
      const first = await execute(kept);
      for (const { code } of first.refusals) codes.add(code);
      // Drop what is refused until nothing is, with the fees collected at the end.
      const collectors = world.indices.map((index) => collectFeeOperation(index));
      for (let round = 0; round < 4; round += 1) {
        const { refusals } = await execute(kept, collectors, 'skip');
        if (refusals.length === 0) {
          accepted += 1;
          break;
        }
        const at = Math.min(cut, kept.length);
        const refused = new Set(refusals.map(({ chunk, slot }) => (chunk === 0 ? slot : at + slot)));
        kept = kept.filter((_, position) => !refused.has(position));
      }
    },
    {
      runs: 60,
      afterAll: () => {
        const reachable = RECORD_ERROR_CODES.filter((code) => code !== 'WORD_COUNT');
        assert.deepEqual([...codes].sort(), [...reachable, 'FEES_NOT_COLLECTED'].sort());
        assert.ok(accepted > 0, 'no batch was left');
      },
    },
  );
});
