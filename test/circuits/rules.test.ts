import assert from 'node:assert/strict';
import {
  type Account,
  applyOperation,
  float16,
  float40,
  isSignedKind,
  type Operation,
  portableHasher,
  RECORD_ERROR_CODES,
  RollupState,
  wordCountOf,
} from '@quittance/protocol';
import { codeOf } from '../support/assertions.ts';
import { ABSORBING_HINTS, type Circuit, type Hints, openCircuit, openForger } from '../support/circuits/circuits.ts';
import { type Forgery, RANGE_FORGERIES, RULE_FORGERIES, VALID } from '../support/circuits/forgeries.ts';
import { type RawLeaf, type RawSlot, rawSlotInputs } from '../support/circuits/raw-slot.ts';
import { CONTEXT } from '../support/rollup/scene.ts';
import { portableCrypto } from '../support/rollup/world.ts';

describe('circuits/slot: one forged witness for each rule', () => {
  let slot: Circuit;
  const forgers = new Map<string, Circuit>();

  /** The forger with these hints; made once. */
  const forgerOf = async (hints: Hints): Promise<Circuit> => {
    const key = JSON.stringify(hints);
    const known = forgers.get(key) ?? (await openForger('slot', hints));
    forgers.set(key, known);
    return known;
  };

  before(async () => {
    slot = await openCircuit('slot');
    await forgerOf(ABSORBING_HINTS);
  });

  /** Asserts that the forged witness breaks the expected rows and, unless said otherwise, no others. */
  const assertRefused = async ({ slot: raw, breaks, hints = ABSORBING_HINTS, andOthers }: Forgery): Promise<void> => {
    const witness = (await forgerOf(hints)).witness(rawSlotInputs(raw));
    const broken = slot.brokenRows(witness).map((row) => slot.rowNames(row));
    const described = broken.map((names) => names.slice(0, 8).join(' ')).join('\n');
    const left = [...broken];
    for (const signals of breaks) {
      const found = left.findIndex((names) => [signals].flat().every((signal) => mentions(names, signal)));
      assert.notEqual(found, -1, `no broken row has ${signals}; broken are:\n${described}`);
      left.splice(found, 1);
    }
    if (!andOthers) assert.equal(left.length, 0, `other rows break too:\n${described}`);
  };

  for (const [name, raw] of Object.entries(VALID)) {
    it(`accepts the ${name} that the forgeries start from, and the forger makes the honest witness of it`, async () => {
      const inputs = rawSlotInputs(raw);
      const honest = slot.witness(inputs);
      assert.deepEqual(slot.brokenRows(honest), []);
      assert.deepEqual((await forgerOf(ABSORBING_HINTS)).witness(inputs), honest);
      assert.equal(protocolOutcome(raw), undefined);
    });
  }

  it('has a forgery for every rule of the record table', () => {
    for (const code of RECORD_ERROR_CODES) assert.ok(RULE_FORGERIES[code].length > 0, code);
  });

  for (const code of RECORD_ERROR_CODES) {
    for (const forgery of RULE_FORGERIES[code]) {
      it(`${code}: refuses ${forgery.title}`, async () => {
        assert.equal(protocolOutcome(forgery.slot), forgery.isValid ? undefined : code, 'what the protocol says');
        await assertRefused(forgery);
      });
    }
  }

  for (const forgery of RANGE_FORGERIES) {
    it(`refuses ${forgery.title}`, () => assertRefused(forgery));
  }
});

/** Whether a signal stands among the names; "name[" and "name." stand for all that begins so. */
function mentions(names: readonly string[], signal: string): boolean {
  return /[[.]$/.test(signal) ? names.some((name) => name.startsWith(signal)) : names.includes(signal);
}

/** The rule that the protocol names for a raw slot on the leaves that are really there; undefined when it is valid. */
function protocolOutcome(raw: RawSlot): string | undefined {
  const inputs = rawSlotInputs(raw) as Readonly<Record<string, bigint>>;
  const wordCount = wordCountOf(Number(raw.kind));
  const words = [...(raw.words ?? [0n, 0n, 0n])];
  while (words.length > wordCount && words.at(-1) === 0n) words.pop();
  const operation: Operation = {
    fields: {
      kind: Number(raw.kind),
      from: Number(raw.from ?? 0n),
      to: Number(raw.to ?? 0n),
      amountFloat: (raw.amountMantissa ?? 0n) | ((raw.amountExponent ?? 0n) << BigInt(float40.mantissaBits)),
      feeFloat: Number((raw.feeMantissa ?? 0n) | ((raw.feeExponent ?? 0n) << BigInt(float16.mantissaBits))),
    },
    words,
    ...(isSignedKind(Number(raw.kind))
      ? {
          authorization: {
            validUntil: Number(inputs['validUntil']),
            keyX: inputs['keyX']!,
            r8: { x: inputs['r8x']!, y: inputs['r8y']! },
            s: inputs['s']!,
          },
        }
      : {}),
  };
  const accounts = [...raw.leaves].map(([index, leaf]): [number, Account] => [index, accountOf(leaf)]);
  const context = { ...CONTEXT, domain: raw.domain ?? CONTEXT.domain };
  const state = new RollupState(portableHasher, accounts);
  const outcome = applyOperation(portableCrypto, state, operation, context, raw.feesIn ?? [0n, 0n, 0n, 0n]);
  return outcome.valid ? undefined : codeOf(outcome);
}

function accountOf({ keyY, owner, tokenId, nonce, balance }: RawLeaf): Account {
  return { keyY, owner, tokenId: Number(tokenId), nonce: Number(nonce), balance };
}
