import assert from 'node:assert/strict';
import { copyPart, createReferenceEngine, PROFILES, type RollupError, RollupState } from '@quittance/protocol';
import { createShadow, isAmong, type ShadowInput } from '../../sequencer/batcher/shadow.ts';
import { forgetUnverified, rememberUnverified } from '../../sequencer/batcher/unverified.ts';
import { mayLeave } from '../../sequencer/publisher/may-leave.ts';
import { genesisOf, recover } from '../../sequencer/start/recover.ts';
import type { Storage } from '../../storage/index.ts';
import { batchOf } from '../support/rollup/engine-batch.ts';
import { portableCrypto, World } from '../support/rollup/world.ts';
import {
  createLyingEngine,
  createOtherEngine,
  type Lie,
  lieAbout,
  lieAboutBalance,
  lieByOmission,
  lieInSlot,
} from '../support/sequencer/engines.ts';
import { fastCrypto } from '../support/sequencer/harness.ts';
import { alice, createPayerHarness } from '../support/sequencer/payer.ts';
import { until } from '../support/until.ts';

const NUMBER = 9;
const now = () => Promise.resolve();

/** A batch of two chunks, executed by the reference, and what a shadow is given of it. */
async function executedBatch(): Promise<ShadowInput> {
  const world = new World(7);
  world.randomChunk(8);
  const state = new RollupState(portableCrypto.hasher, world.state.accounts());
  const chunks = [world.randomChunk(8), world.randomChunk(8)].map(({ trace }) =>
    trace.slots.map(({ operation }) => operation),
  );
  const shadow = createShadow({ share: 1, crypto: portableCrypto, pause: now, halt: () => undefined });
  const before = await shadow.copy(
    state,
    chunks.map((operations) => operations.map((operation) => ({ operation }))),
  );
  const batch = batchOf(world.context, ...chunks);
  const options = { signatures: 'believed', onInvalid: 'stop', traces: true, commitments: true } as const;
  const execution = await createReferenceEngine(portableCrypto).execute(state, batch, options);
  assert.deepEqual(execution.refusals, []);
  return { number: NUMBER, before, batch, signatures: 'believed', execution, engine: 'double' };
}

/** Why a shadow halts over a batch, if it does. */
async function verdictOn(input: ShadowInput): Promise<RollupError | undefined> {
  let reason: RollupError | undefined;
  const halt = (error: RollupError): void => {
    reason = error;
  };
  const shadow = createShadow({ share: 1, crypto: portableCrypto, pause: now, halt });
  shadow.check(input);
  await shadow.stop();
  return reason;
}

describe('Sequencer: the shadow of the engine', () => {
  it('agrees with an honest engine', async () => {
    assert.equal(await verdictOn(await executedBatch()), undefined);
  });

  const lies: readonly (readonly [string, Lie, Record<string, unknown>])[] = [
    ['a slot of a trace', lieInSlot(1, 5), { what: 'a trace', chunk: 1, slot: 5 }],
    ['a root', lieAbout('newRoot', 0), { what: 'newRoot', chunk: 0 }],
    ['a commitment', lieAbout('commitment', 1), { what: 'commitment', chunk: 1 }],
    ['a balance', lieAboutBalance, { what: 'the accounts after the batch' }],
    ['an account that it leaves out', lieByOmission, { what: 'the accounts after the batch' }],
    ['the number of chunks', (execution) => ({ ...execution, chunks: execution.chunks.slice(0, 1) }), { chunk: 1 }],
  ];
  for (const [what, lie, place] of lies) {
    it(`halts with ENGINES_DISAGREE and the place when the engine lies about ${what}`, async () => {
      const input = await executedBatch();
      const lied = { ...input, execution: lie(input.execution) };
      const reason = await verdictOn(lied);
      assert.equal(reason?.code, 'ENGINES_DISAGREE');
      const expected = String(input.execution.chunks[1]!.newRoot);
      const actual = String(lied.execution.chunks.at(-1)!.newRoot);
      const { data } = reason as RollupError<'ENGINES_DISAGREE'>;
      assert.deepEqual({ ...data, ...place }, { ...data, batch: NUMBER, expected, actual });
      assert.ok(reason.message.includes(expected) && reason.message.includes(actual), reason.message);
    });
  }

  it('halts when the engine executed what the reference refuses', async () => {
    const input = await executedBatch();
    const { ids } = { ids: new Uint8Array(16 * 32) };
    const reason = await verdictOn({ ...input, signatures: { ids } });
    assert.equal(reason?.code, 'ENGINES_DISAGREE');
    assert.match(reason.message, /whether a record is valid \(BAD_SIGNATURE/);
    assert.match(reason.message, /and none by the reference/);
  });

  it('halts when an account before the batch is not the one that the tree has', async () => {
    const input = await executedBatch();
    const { state, leaves } = input.before;
    const index = leaves.find((leaf) => state.get(leaf) !== undefined)!;
    const get = (leaf: number) => {
      const account = state.get(leaf);
      return leaf === index ? { ...account!, balance: account!.balance + 1n } : account;
    };
    const source = { root: state.root, get, path: (leaf: number) => state.path(leaf) };
    const steps = copyPart(portableCrypto.hasher, source, leaves);
    let step = steps.next();
    while (step.done !== true) step = steps.next();
    const reason = await verdictOn({ ...input, before: { state: step.value, leaves } });
    assert.equal(reason?.code, 'ENGINES_DISAGREE');
    assert.match(reason.message, /the state before the batch differs/);
  });

  it('halts when a node before the batch is not that of its children', async () => {
    const input = await executedBatch();
    const { state, leaves } = input.before;
    const wrong = (index: number) => state.path(index).with(2, [1n, 2n, 3n, 4n]);
    const source = { root: state.root, get: (index: number) => state.get(index), path: wrong };
    const steps = copyPart(portableCrypto.hasher, source, leaves);
    let step = steps.next();
    while (step.done !== true) step = steps.next();
    const reason = await verdictOn({ ...input, before: { state: step.value, leaves } });
    assert.match(reason?.message ?? '', /the state before the batch differs/);
  });

  it('is begun without waiting for it, and has one copy at a time', async () => {
    const input = await executedBatch();
    const { promise, resolve } = Promise.withResolvers<void>();
    // Nothing goes on before the gate opens.
    const shadow = createShadow({ share: 1, crypto: portableCrypto, pause: () => promise, halt: assert.fail });
    shadow.check(input);
    let isCopied = false;
    const copying = shadow.copy(new RollupState(portableCrypto.hasher), []).then(() => {
      isCopied = true;
    });
    await new Promise((done) => setImmediate(done));
    assert.equal(isCopied, false);
    resolve();
    await copying;
    await shadow.stop();
  });

  it('is of as many batches as its share says, others under another secret', () => {
    const numbers = Array.from({ length: 20_000 }, (_, index) => index + 1);
    const chosen = (share: number, secret: string) =>
      numbers.filter((number) => isAmong(share, number, Buffer.from(secret)));
    assert.deepEqual([chosen(0, 'one').length, chosen(1, 'one').length], [0, numbers.length]);
    assert.deepEqual([chosen(0.01, 'one').length, chosen(0.01, 'other').length], [199, 203]);
    assert.notDeepEqual(chosen(0.01, 'one'), chosen(0.01, 'other'));
  });

  it('says whether the batch that was begun last agrees', async () => {
    const input = await executedBatch();
    const shadow = createShadow({ share: 1, crypto: portableCrypto, pause: now, halt: () => undefined });
    assert.equal(await shadow.verdict(), true);
    shadow.check(input);
    assert.equal(await shadow.verdict(), true);
    shadow.check({ ...input, execution: lieInSlot(0, 0)(input.execution) });
    assert.equal(await shadow.verdict(), false);
  });

  it('stops a sequencer after the seal: what was acknowledged stays, and an honest engine goes on from it', async () => {
    const crypto = fastCrypto();
    const engine = createLyingEngine(crypto.engine);
    const harness = await createPayerHarness({ crypto: { ...crypto, engine } });
    try {
      await harness.settle();
      const proven = harness.prover.proven.length;
      engine.lie = lieInSlot(0, 0);
      const { id } = await harness.send(alice, harness.payment(0));
      await harness.sequencer.sealNow();
      const halted = () => harness.sequencer.status().halted;
      await until(() => halted() !== undefined, 'the halt');
      assert.equal(halted()!.code, 'ENGINES_DISAGREE');
      const { data } = halted() as RollupError<'ENGINES_DISAGREE'>;
      assert.deepEqual([data.batch, data.chunk, data.slot], [harness.sequencer.status().sealedBatch, 0, 0]);
      await assert.rejects(harness.send(alice, harness.payment(1)), { code: 'READ_ONLY' });
      assert.equal(harness.prover.proven.length, proven, 'nothing of it left');
      engine.lie = undefined;
      await harness.restart();
      await harness.settle();
      assert.equal(harness.sequencer.queries.transfer(id)?.status, 'final');
      await harness.send(alice, harness.payment(1));
      await harness.settle();
      assert.equal(harness.storage.meta.get('unverified'), undefined, 'it agreed with a later one');
    } finally {
      await harness.close();
    }
  });

  it('keeps a batch back over restarts until the reference agrees', async () => {
    const crypto = fastCrypto();
    const engine = createOtherEngine(crypto.engine);
    const harness = await createPayerHarness({ crypto: { ...crypto, engine } });
    try {
      await harness.settle();
      const proven = harness.prover.proven.length;
      engine.isOther = true;
      const { id } = await harness.send(alice, harness.payment(0));
      await harness.sequencer.sealNow();
      const halted = () => harness.sequencer.status().halted;
      await until(() => halted() !== undefined, 'the halt');
      for (let start = 0; start < 2; start++) {
        await harness.restart();
        assert.equal(halted()?.code, 'ENGINES_DISAGREE');
        assert.match(halted()!.message, /the reference comes to something else/);
        assert.equal(harness.sequencer.queries.transfer(id)?.status, 'sealed', 'reads go on');
        assert.equal(harness.prover.proven.length, proven, 'nothing of it left');
      }
      engine.isOther = false;
      await assert.rejects(harness.restart(), { code: 'DATABASE_DAMAGED' });
    } finally {
      await harness.close();
    }
  });

  for (const mode of ['zk', 'optimistic', 'hybrid'] as const) {
    it(`keeps a batch from L1 until it agrees, in mode ${mode}`, async () => {
      const harness = await createPayerHarness();
      try {
        await harness.restart({ mode });
        const { storage, chain } = harness;
        const onL1 = () => chain.posted.length + (harness.assertions.sent.get('assertBatch') ?? 0);
        const look = async () => {
          chain.mine(1);
          await harness.clock.advance(2_000);
        };
        const before = onL1();
        const { get } = storage.meta;
        const next = harness.sequencer.status().sealedBatch + 1;
        storage.meta.get = (name) => (name === 'unverified' ? String(next) : get(name));
        await harness.send(alice, harness.payment(0));
        await harness.sequencer.sealNow();
        for (let count = 0; count < 3; count++) await look();
        assert.equal(onL1(), before);
        storage.meta.get = get;
        await harness.until(() => onL1() > before, 'its way to L1');
      } finally {
        await harness.close();
      }
    });
  }

  it('is waited for by the first batch that it has not agreed with, and by all behind it', () => {
    const names = new Map<string, string>();
    const meta = {
      get: (name: string) => names.get(name),
      set: (name: string, value: string) => void names.set(name, value),
      remove: (name: string) => void names.delete(name),
    };
    const storage = { meta } as unknown as Storage;
    assert.equal(mayLeave(storage, 7), true);
    rememberUnverified({ meta }, 7);
    rememberUnverified({ meta }, 8);
    assert.deepEqual(
      [6, 7, 8].map((batch) => mayLeave(storage, batch)),
      [true, false, false],
    );
    rememberUnverified({ meta }, 5);
    assert.equal(mayLeave(storage, 6), false);
    const staged = { meta, stage: <T>(write: () => T): T => write() };
    forgetUnverified(staged, 7);
    assert.deepEqual([mayLeave(storage, 7), mayLeave(storage, 8)], [true, false], 'it agreed with those up to 7 only');
    forgetUnverified(staged, 8);
    assert.deepEqual([mayLeave(storage, 8), names.size], [true, 0]);
  });

  it('is asked again at a start with the ids that signatures were checked for', async () => {
    const crypto = fastCrypto();
    const harness = await createPayerHarness({ crypto });
    try {
      await harness.settle();
      harness.prover.hold();
      await harness.send(alice, harness.payment(0));
      await harness.sequencer.sealNow();
      const { chainId, contract, config } = harness.sequencer;
      const { storage } = harness;
      const input = {
        ...{ storage, profile: config.profile, deployment: { chainId, contract }, isProven: false },
        genesis: genesisOf(crypto, Number(storage.meta.get('genesis_time'))),
        engine: createReferenceEngine(crypto),
      };
      await recover({ ...input, checksIds: true });
      const { get } = storage.log;
      // As if another transfer had been signed.
      storage.log.get = (sequence) => {
        const logged = get(sequence);
        if (logged?.entry.type !== 'transfer') return logged;
        return { ...logged, entry: { ...logged.entry, id: logged.entry.id ^ 1n } };
      };
      await recover(input);
      await assert.rejects(recover({ ...input, checksIds: true }), { code: 'DATABASE_DAMAGED', message: /signature/ });
      storage.log.get = get;
      harness.prover.release();
    } finally {
      await harness.close();
    }
  });

  it('has the leaves that the batch names at last, when transfers were dropped and noops stand in their places', async () => {
    const feeTokens = [0, 1].map((tokenId) => ({ tokenId, minimumFee: 0n }));
    const harness = await createPayerHarness({ settings: { feeTokens } });
    try {
      assert.ok(harness.from > 0 && harness.to > 0, 'no transfer names leaf 0');
      const validUntil = Math.floor(harness.clock.nowMs() / 1_000) + 120;
      const slots = PROFILES.quick.slotsPerChunk;
      for (let nonce = 0; nonce < slots; nonce++) {
        const last = nonce === slots - 1 ? { validUntil } : {};
        await harness.send(alice, harness.payment(nonce, { fee: 0n, ...last }));
      }
      await harness.sequencer.stop();
      await harness.clock.advance(3_600_000);
      harness.chain.advanceTime(7_200);
      harness.chain.mine();
      await harness.restart();
      await harness.settle();
      assert.equal(harness.sequencer.status().halted, undefined);
      assert.equal(harness.sequencer.queries.account(harness.from, 'finalized')?.nonce, slots - 1);
    } finally {
      await harness.close();
    }
  });

  it('leaves a sequencer alone with a share of 0', async () => {
    const crypto = fastCrypto();
    const engine = createLyingEngine(crypto.engine);
    const harness = await createPayerHarness({ crypto: { ...crypto, engine }, settings: { shadow: 0 } });
    try {
      engine.lie = lieInSlot(0, 0);
      await harness.send(alice, harness.payment(0));
      await harness.settle();
      assert.equal(harness.sequencer.status().halted, undefined);
    } finally {
      await harness.close();
    }
  });
});
