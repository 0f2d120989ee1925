import assert from 'node:assert/strict';
import { packOperation, RollupState, transferRecord } from '@quittance/protocol';
import fc from 'fast-check';
import { NO_LIMITS } from '../../sequencer/mempool/data-limits.ts';
import { createLedger } from '../../sequencer/mempool/ledger.ts';
import { property } from '../support/property/property.ts';
import { createOpenLedger, type OpenLedger } from '../support/sequencer/open-ledger.ts';

const LEAVES = Array.from({ length: 16 }, (_, index) => index);

/** One thing that happens to a ledger. */
type Step =
  | { readonly kind: 'pay'; readonly from: number; readonly to: number; readonly amount: number; readonly fee: number }
  | { readonly kind: 'create'; readonly from: number; readonly amount: number }
  | { readonly kind: 'deposit' | 'exit' | 'group'; readonly leaf: number }
  | { readonly kind: 'cut' }
  | { readonly kind: 'seal'; readonly dropEvery: number; readonly pauseAfter: number };

const leaf = fc.integer({ min: 0, max: 7 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('pay' as const),
      from: leaf,
      to: leaf,
      amount: fc.integer({ min: 0, max: 400 }),
      fee: fc.integer({ min: 0, max: 9 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('create' as const), from: leaf, amount: fc.nat(50) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('deposit' as const, 'exit', 'group'), leaf: fc.nat(9) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cut' as const) }) },
  {
    weight: 3,
    // Three of four seals drop nothing.
    arbitrary: fc.record({
      kind: fc.constant('seal' as const),
      dropEvery: fc.constantFrom(0, 0, 0, 2),
      pauseAfter: fc.nat(6),
    }),
  },
);

/** Compares the pending state with one that is put together anew. */
function assertPending({ ledger, expected }: OpenLedger): void {
  const account = expected();
  for (const index of LEAVES) assert.deepEqual(ledger.pending.get(index), account(index), `leaf ${index}`);
}

function act(world: OpenLedger, one: Exclude<Step, { kind: 'seal' }>): void {
  const { ledger } = world;
  if (one.kind === 'pay') world.transfer(one.from, one.to, BigInt(one.amount), BigInt(one.fee));
  else if (one.kind === 'create') world.transfer(one.from, 'new', BigInt(one.amount), 0n);
  else if (one.kind === 'cut') ledger.cut();
  else if (one.kind === 'exit') world.request([{ kind: 'exit', leaf: one.leaf }]);
  else {
    // As the reader of L1: to a sealed account, or to a leaf of its own.
    const deposit = { kind: 'deposit', leaf: one.leaf < 8 ? one.leaf : ledger.leaves.peek() } as const;
    world.request(one.kind === 'deposit' ? [deposit] : [deposit, { kind: 'exit', leaf: (one.leaf + 1) % 8 }]);
  }
}

/** Neither drops nor an exit that overtakes transfers: such a segment is sealed as the pending state expects. */
const isExpected = (one: Step): boolean => one.kind !== 'group' && !(one.kind === 'seal' && one.dropEvery > 0);

describe('Sequencer: pending state', () => {
  const seen = { kept: 0, rebuilt: 0, dropped: 0, late: 0 };

  property(
    'is that of all open entries, whatever was sealed, dropped or appended meanwhile',
    [fc.array(step, { minLength: 20, maxLength: 80 }), fc.boolean()],
    (all, isPlain) => {
      const steps = isPlain ? all.filter(isExpected) : all;
      const world = createOpenLedger(10);
      const { ledger } = world;
      for (const [position, one] of steps.entries()) {
        if (one.kind !== 'seal') {
          act(world, one);
        } else if (ledger.cutSegments.length > 0) {
          const before = ledger.pending;
          const { steps: work, hasDrops } = world.seal(
            ({ sequence }) => one.dropEvery > 0 && sequence % one.dropEvery === 0,
          );
          for (let done = 0; done < one.pauseAfter; done++) work.next();
          // What arrives in between is judged by the state as it is then.
          const next = steps[position + 1];
          if (next?.kind === 'pay') {
            act(world, next);
            seen.late += 1;
          }
          while (work.next().done !== true);
          seen.dropped += hasDrops ? 1 : 0;
          if (ledger.pending === before) seen.kept += 1;
          else seen.rebuilt += 1;
          if (isPlain) assert.equal(ledger.pending, before, 'sealed as expected, and rebuilt');
        }
        assertPending(world);
      }
    },
    {
      runs: 300,
      afterAll: () => {
        for (const [what, count] of Object.entries(seen)) assert.ok(count > 50, `${what} ${count} times`);
      },
    },
  );

  it('is kept when a segment seals as expected, with fees that later entries spend', () => {
    const world = createOpenLedger(10);
    world.transfer(2, 3, 100n, 9n);
    world.ledger.cut();
    world.transfer(0, 3, 1_009n, 0n); // the operator spends the fee
    world.transfer(3, 2, 1_100n, 5n);
    const before = world.ledger.pending;
    const { steps, hasDrops } = world.seal(() => false);
    for (const _ of steps);
    assert.equal(hasDrops, false);
    assert.equal(world.ledger.pending, before);
    assertPending(world);
    assert.equal(world.ledger.pending.get(0)?.balance, 0n);
  });

  it('is rebuilt when something was dropped on which later entries depend', () => {
    const world = createOpenLedger(10);
    world.transfer(2, 3, 1_000n, 0n);
    world.ledger.cut();
    world.transfer(3, 4, 2_000n, 0n);
    const { steps, hasDrops } = world.seal(() => true);
    for (const _ of steps);
    assert.equal(hasDrops, true);
    assertPending(world);
    assert.deepEqual(
      [2, 3, 4].map((index) => world.ledger.pending.get(index)?.balance),
      [1_000n, 1_000n, 1_000n],
    );
  });

  it('is rebuilt when a group of the queue puts an exit before transfers that were accepted earlier', () => {
    const world = createOpenLedger(10);
    world.transfer(2, 3, 100n, 0n);
    world.request([
      { kind: 'deposit', leaf: 4 },
      { kind: 'exit', leaf: 3 },
    ]);
    world.ledger.cut();
    world.transfer(4, 3, 7n, 0n);
    const { steps, hasDrops } = world.seal(() => false);
    for (const _ of steps);
    assert.equal(hasDrops, false);
    assertPending(world);
    assert.equal(world.ledger.pending.get(3)?.balance, 107n, 'the exit did not take what came after it');
  });

  it('frees the leaf of an account whose creation was dropped, once the pending state has no account there', () => {
    const world = createOpenLedger(10);
    const created = world.ledger.leaves.peek();
    world.transfer(2, 'new', 10n, 0n);
    world.ledger.cut();
    const { steps } = world.seal(() => true);
    for (const _ of steps) {
      if (world.ledger.leaves.peek() === created) assert.equal(world.ledger.pending.get(created), undefined);
    }
    assert.equal(world.ledger.leaves.peek(), created);
  });
});

describe('what is in the log and not sealed', () => {
  it('does not expire: its batch may be earlier than it is by our clock', () => {
    const account = (keyY: bigint) => ({ keyY, owner: keyY, tokenId: 0, nonce: 0, balance: 1_000n });
    const state = new RollupState({ hash: () => 1n }, [
      [0, account(1n)],
      [1, account(2n)],
      [2, account(3n)],
    ]);
    const profile = { name: 'quick' as const, slotsPerChunk: 4, maxChunks: 1 };
    const operator = { keyY: 1n, owner: 1n };
    const ledger = createLedger({ room: { profile, limits: NO_LIMITS }, state, operator, onCut: () => undefined });
    const record = transferRecord({ kind: 'transfer', from: 1, to: 2, amount: 7n, fee: 0n });
    const authorization = { validUntil: 100, keyX: 0n, r8: { x: 0n, y: 1n }, s: 0n };
    const operation = { ...record, authorization };
    const entry = { type: 'transfer' as const, id: 0n, operation, packed: packOperation(operation), nonce: 0 };
    // As after a restart: nobody has just judged it.
    const context = { domain: 5n, batchTime: 101, feeTokens: [0n, 2n ** 32n, 2n ** 32n, 2n ** 32n] };
    ledger.append({ sequence: 1, receivedMs: 0, entry }, context);
    assert.equal(ledger.pending.get(1)?.nonce, 1);
    assert.equal(ledger.pending.get(2)?.balance, 1_007n);
  });
});
