/** What a wallet believes of a server to which it sends a signed transfer again. */

import assert from 'node:assert/strict';
import { L1_DEFAULTS, portableHasher, RollupError } from '@quittance/protocol';
import { encodeTransfer, type SequencerClient, signIntent } from '@quittance/sdk';
import type { Connection } from '../../../packages/sdk/wallet/connection.ts';
import { resumeTransfer } from '../../../packages/sdk/wallet/resume.ts';
import { assertRejects } from '../../support/assertions.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { accountOf, DOMAIN, INDEX, KEYS } from '../../support/rollup/scene.ts';
import { createPayingServer } from '../../support/sdk/paying-server.ts';

const NOW = 1_800_000_000;
const { keyY, owner } = accountOf('bob');

function paymentUntil(validUntil: number, nonce = 0) {
  const signed = signIntent(KEYS.alice, DOMAIN, {
    ...{ kind: 'transfer', from: INDEX.alice, to: INDEX.bob, receiver: { keyY, owner } },
    ...{ amount: 5n, fee: 0n, nonce, validUntil },
  });
  return { id: String(signed.id), transfer: encodeTransfer(signed) };
}

/** Resumes on a server that refuses each sending. */
function createScene(code: 'EXPIRED' | 'NONCE_USED' | 'NONCE_GAP' | 'RPC_ANSWER_INVALID' | 'REFERENCE_KEPT') {
  const server = createPayingServer(INDEX.alice);
  const clock = { ...createManualClock(), nowMs: () => NOW * 1_000, sleep: async () => undefined };
  let sendings = 0;
  const call = async (method: string, params: never) => {
    if (method !== 'rollup_sendTransfer') return server.client.call(method as never, params);
    sendings += 1;
    throw new RollupError(code, code, { expected: 1, actual: 0, rpcCode: -32003 } as never);
  };
  const connection = { clock, keyPair: KEYS.alice, domain: DOMAIN, hasher: portableHasher } as unknown as Connection;
  return {
    server,
    sendings: () => sendings,
    resume: (signed: ReturnType<typeof paymentUntil>) =>
      resumeTransfer(connection, { ...server.client, call } as SequencerClient, signed),
  };
}

describe('a signed transfer that is sent again', () => {
  it('is over when its time is, by a clock of ours, and no batch before that can come', async () => {
    const over = NOW - L1_DEFAULTS.maxBatchAgeSeconds;
    for (const [validUntil, code] of [
      [over - 1, 'EXPIRED'],
      [over, 'TRANSFER_UNCERTAIN'],
      [NOW + 60, 'TRANSFER_UNCERTAIN'],
      [0, 'TRANSFER_UNCERTAIN'],
    ] as const) {
      const scene = createScene('EXPIRED');
      await assertRejects(scene.resume(paymentUntil(validUntil)), code);
      assert.equal(scene.sendings(), 1);
    }
  });

  it('is dead when another one of the same key has its nonce, and not by the word of the server', async () => {
    const scene = createScene('NONCE_USED');
    scene.server.useNonces(2);
    await assertRejects(scene.resume(paymentUntil(0, 1)), 'NONCE_USED');
    assert.equal(scene.sendings(), 1);
    await assertRejects(scene.resume(paymentUntil(0, 2)), 'TRANSFER_UNCERTAIN');
    assert.equal(scene.sendings(), 13);
  });

  it('is uncertain while a nonce before it lacks, and when a gateway answers', async () => {
    for (const code of ['NONCE_GAP', 'RPC_ANSWER_INVALID'] as const) {
      const scene = createScene(code);
      const { data } = await assertRejects(scene.resume(paymentUntil(0)), 'TRANSFER_UNCERTAIN');
      assert.deepEqual([data.nonce, scene.sendings()], [0, 12]);
    }
  });

  it('is refused for the reference that another one of the same id has', async () => {
    await assertRejects(createScene('REFERENCE_KEPT').resume(paymentUntil(0)), 'REFERENCE_KEPT');
  });
});
