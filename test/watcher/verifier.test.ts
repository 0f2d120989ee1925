import { strict as assert } from 'node:assert';
import type { AssertionStatus } from '@quittance/chain';
import type { Crypto } from '@quittance/protocol';
import { silentLogger } from '../../runtime/index.ts';
import { foldEvents } from '../../watcher/follow/model.ts';
import type { PendingBatch } from '../../watcher/follow/pending.ts';
import { IN_MEMORY, openWatcherStore } from '../../watcher/index.ts';
import { createVerifier, type Verifier } from '../../watcher/replay/verifier.ts';
import { build, chunkOf, collect, createTip, DEPLOYMENT, HONEST, pay, submissionOf } from '../derivation/support.ts';
import type { BuiltAssertion } from '../support/asserted-batch.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { portableCrypto, TEST_DEPLOYMENT } from '../support/world.ts';

/** A waiting batch as the events and views of L1 have it. */
function pendingOf({ header, headerHash }: BuiltAssertion): PendingBatch {
  const inclusion = { transactionHash: '0x01', blockNumber: 1, blockHash: '0x02' };
  return {
    assertion: { ...inclusion, assertionId: 1n, header, headerHash, asserter: '0x03', isProven: false },
    status: { headerHash, contentHash: '0x04', provenChunks: 0, isPending: true } as AssertionStatus,
  };
}

describe('Watcher: the verdict on a waiting batch', () => {
  /** A verifier at the tip on which `build` builds, which finds this batch on L1. */
  async function verifierOf(built: BuiltAssertion, crypto: Crypto = portableCrypto): Promise<Verifier> {
    const { header, state } = createTip();
    const store = openWatcherStore({ file: IN_MEMORY, ...TEST_DEPLOYMENT });
    store.commit(() => store.checkpoint.move({ header, headerHash: '0x05', blockNumber: 0 }, state.accounts()));
    const submission = { ...submissionOf(built), parent: built.parent };
    const verifier = createVerifier({
      ...{ crypto, replay: DEPLOYMENT, store, clock: createManualClock(), logger: silentLogger },
      submissions: { ofAssertion: async () => submission, ofFinal: () => assert.fail('nothing is final') },
    });
    await verifier.followFinal(foldEvents([]), 1);
    return verifier;
  }

  it('comes from one replay also when only signatures are wrong, and what follows is judged on it', async () => {
    const forged = chunkOf([pay, pay, collect], { authorizations: (bytes) => bytes.fill(0, 0, 69) });
    const built = build(forged, HONEST);
    let messages = 0;
    const hash = (inputs: readonly bigint[]): bigint => {
      if (inputs.length === 4 && inputs[0] === DEPLOYMENT.domain) messages += 1;
      return portableCrypto.hasher.hash(inputs);
    };
    const verifier = await verifierOf(built, { hasher: { hash }, verifier: portableCrypto.verifier });
    const [judged] = await verifier.judge([pendingOf(built)]);
    assert.deepEqual([...judged!.verdict!.faults.keys()], [0]);
    // Two signed records a chunk, and the forged one once more to explain it.
    assert.equal(messages, 5);
    const chain = await verifier.followFinal(foldEvents([]), 1);
    assert.equal(chain.tip.stateRoot, built.batch.roots.at(-1));
  });
});
