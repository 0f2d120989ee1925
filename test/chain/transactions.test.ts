import { strict as assert } from 'node:assert';
import { createTransactionManager, EMPTY_BLOB, rollupInterface } from '@quittance/chain';
import type { RollupError } from '@quittance/protocol';
import type { JsonRpcApiProvider, Signer, TransactionRequest } from 'ethers';
import { silentLogger } from '../../runtime/index.ts';
import { createManualClock } from '../support/manual-clock.ts';

const CALL = { to: `0x${'c0'.repeat(20)}`, data: '0x12' };
const ACCOUNT = `0x${'aa'.repeat(20)}`;
const GWEI = 10n ** 9n;

/** A test double of a node with one account: what it includes is decided by the test. */
function createNode() {
  const sent: TransactionRequest[] = [];
  const state = {
    nonce: 5,
    /** Hash of the transaction that is included, and its status. */
    included: undefined as { hash: string; status: number } | undefined,
    revert: undefined as string | undefined,
    refuseSending: undefined as Error | undefined,
    calls: 0,
    chainId: '0x7a69',
    hasBlobs: true,
    gas: 100_000n,
    simulated: undefined as TransactionRequest | undefined,
  };
  const provider = {
    call: async (request: TransactionRequest) => {
      state.calls += 1;
      state.simulated = request;
      if (state.revert !== undefined)
        throw Object.assign(new Error('execution reverted'), { code: 'CALL_EXCEPTION', data: state.revert });
      return '0x';
    },
    send: async (method: string) => (method === 'eth_blobBaseFee' ? '0x3' : state.chainId),
    getBlock: async () => ({ excessBlobGas: state.hasBlobs ? 0n : null }),
    estimateGas: async () => state.gas,
    getTransactionCount: async () => state.nonce,
    getFeeData: async () => ({ maxFeePerGas: 10n * GWEI, maxPriorityFeePerGas: GWEI, gasPrice: null }),
    getNetwork: async () => ({ chainId: 31_337n }),
    getTransactionReceipt: async (hash: string) =>
      state.included?.hash === hash ? { hash, status: state.included.status, blockNumber: 1, blockHash: '0xb' } : null,
  };
  const signer = {
    getAddress: async () => ACCOUNT,
    sendTransaction: async (request: TransactionRequest) => {
      if (state.refuseSending !== undefined) throw state.refuseSending;
      sent.push(request);
      return { hash: `0x${sent.length}` };
    },
  };
  return {
    state,
    sent,
    provider: provider as unknown as JsonRpcApiProvider,
    signer: signer as unknown as Signer,
  };
}

describe('Chain: transactions', () => {
  const clock = createManualClock();
  let node: ReturnType<typeof createNode>;
  const manager = (options: { maxReplacements?: number; maxFeePerGas?: bigint; maxFeePerBlobGas?: bigint } = {}) =>
    createTransactionManager({
      provider: node.provider,
      signer: node.signer,
      clock,
      logger: silentLogger,
      stuckAfterMs: 10_000,
      pollMs: 1_000,
      ...options,
    });
  beforeEach(() => {
    node = createNode();
  });

  it('allows a fifth more gas than was estimated, as far as L1 takes it', async () => {
    node.state.included = { hash: '0x1', status: 1 };
    for (const [gas, limit] of [
      [13_981_013n, 16_777_215n],
      [13_981_014n, 16_777_216n],
      [16_777_216n, 16_777_216n],
      [16_777_220n, 20_132_664n],
    ] as const) {
      node.state.gas = gas;
      node.sent.length = 0;
      await manager().send(CALL);
      assert.equal(node.sent[0]?.gasLimit, limit);
    }
  });

  it('sends with the nonce after the last included transaction', async () => {
    node.state.included = { hash: '0x1', status: 1 };
    const receipt = await manager().send(CALL);
    assert.equal(receipt.hash, '0x1');
    assert.deepEqual([node.sent.length, node.sent[0]?.nonce, node.sent[0]?.gasLimit], [1, 5, 120_000n]);
  });

  it('raises both fees by at least a tenth with the same nonce when it is stuck', async () => {
    const receipt = manager().send(CALL);
    await clock.advance(0);
    await clock.advance(11_000);
    await clock.advance(11_000);
    node.state.included = { hash: '0x2', status: 1 };
    await clock.advance(2_000);
    assert.equal((await receipt).hash, '0x2', 'a replaced transaction may still be the one that is included');
    assert.deepEqual(
      node.sent.map(({ nonce }) => nonce),
      [5, 5, 5],
    );
    for (const [position, { maxFeePerGas, maxPriorityFeePerGas }] of node.sent.slice(1).entries()) {
      const previous = node.sent[position]!;
      assert.ok(BigInt(maxFeePerGas!) * 10n >= BigInt(previous.maxFeePerGas!) * 11n);
      assert.ok(BigInt(maxPriorityFeePerGas!) * 10n >= BigInt(previous.maxPriorityFeePerGas!) * 11n);
    }
  });

  it('does not raise a fee behind a nonce that a reorg freed, which the next transaction fills', async () => {
    const sent = manager();
    const stuck = sent.send(CALL);
    const failed = assert.rejects(stuck, { code: 'NONCE_AHEAD', data: { account: ACCOUNT, nonce: 5, next: 3 } });
    await clock.advance(0);
    node.state.nonce = 3;
    await clock.advance(11_000);
    await failed;
    node.state.included = { hash: '0x2', status: 1 };
    await sent.send(CALL);
    assert.deepEqual(
      node.sent.map(({ nonce }) => nonce),
      [5, 3],
    );
  });

  it('never offers more than its limit and gives up after a bounded number of replacements', async () => {
    const result = manager({ maxReplacements: 3, maxFeePerGas: 12n * GWEI }).send(CALL);
    const failed = assert.rejects(result, { code: 'TRANSACTION_STUCK' });
    for (let i = 0; i < 5; i++) await clock.advance(11_000);
    await failed;
    assert.equal(node.sent.length, 4);
    assert.ok(node.sent.every(({ maxFeePerGas }) => BigInt(maxFeePerGas!) <= 12n * GWEI));
  });

  it('does not send what the contract would refuse, and names its error', async () => {
    node.state.revert = rollupInterface.encodeErrorResult('NotProducer', [`0x${'aa'.repeat(20)}`]);
    await assert.rejects(manager().send(CALL), (error: RollupError) => {
      assert.equal(error.code, 'L1_REJECTED');
      assert.equal(error.data['error'], 'NotProducer');
      return true;
    });
    assert.equal(node.sent.length, 0);
  });

  it('estimates a call at the market’s price without sending it, and names the contract’s error', async () => {
    node.provider.getFeeData = async () =>
      ({ maxFeePerGas: 10n * GWEI, maxPriorityFeePerGas: GWEI, gasPrice: 6n * GWEI }) as never;
    assert.deepEqual(await manager().estimate(CALL), { gas: 100_000n, feePerGas: 6n * GWEI });
    node.state.revert = rollupInterface.encodeErrorResult('NotProducer', [`0x${'aa'.repeat(20)}`]);
    await assert.rejects(manager().estimate(CALL), (error: RollupError) => error.data['error'] === 'NotProducer');
    assert.equal(node.sent.length, 0);
  });

  it('reports a transaction that was included but failed', async () => {
    node.state.included = { hash: '0x1', status: 0 };
    await assert.rejects(manager().send(CALL), { code: 'TRANSACTION_FAILED', data: { hash: '0x1' } });
  });

  it('sends nothing to another chain behind the same URL', async () => {
    node.state.chainId = '0x1';
    await assert.rejects(manager().send(CALL), { code: 'L1_WRONG_CHAIN' });
    assert.equal(node.sent.length, 0);
  });

  it('offers a higher fee when the node says that a replacement is underpriced', async () => {
    node.state.refuseSending = Object.assign(new Error('replacement transaction underpriced'), {
      code: 'REPLACEMENT_UNDERPRICED',
    });
    node.state.included = { hash: '0x1', status: 1 };
    const attempts: unknown[] = [];
    const sendTransaction = node.signer.sendTransaction.bind(node.signer);
    node.signer.sendTransaction = (request) => {
      attempts.push(request.maxFeePerGas);
      if (attempts.length === 3) node.state.refuseSending = undefined;
      return sendTransaction(request);
    };
    assert.equal((await manager().send(CALL)).hash, '0x1');
    assert.ok(BigInt(attempts[2] as bigint) > BigInt(attempts[0] as bigint));
  });

  it('says so when somebody else used the nonce', async () => {
    node.state.refuseSending = Object.assign(new Error('nonce too low'), { code: 'NONCE_EXPIRED' });
    const getCount = node.provider.getTransactionCount;
    let asked = 0;
    node.provider.getTransactionCount = (...args) => (asked++ === 0 ? getCount(...args) : Promise.resolve(6));
    await assert.rejects(manager().send(CALL), { code: 'NONCE_TAKEN', data: { account: ACCOUNT, nonce: 5 } });
  });

  it('uses the nonce that the caller fixed', async () => {
    node.state.included = { hash: '0x1', status: 1 };
    await manager().send({ ...CALL, nonce: 5 });
    assert.equal(node.sent[0]!.nonce, 5);
  });

  it('sends nothing when the fixed nonce is used already, or the account is not that far', async () => {
    for (const [nonce, code] of [
      [4, 'NONCE_TAKEN'],
      [6, 'NONCE_AHEAD'],
    ] as const) {
      await assert.rejects(manager().send({ ...CALL, nonce }), { code });
    }
    assert.equal(node.sent.length, 0);
  });

  it('ends at once when it is cancelled', async () => {
    const controller = new AbortController();
    const result = manager().send(CALL, controller.signal);
    const failed = assert.rejects(result, /stop/);
    await clock.advance(1_000);
    controller.abort(new Error('stop'));
    await failed;
  });

  it('sends one after the other', async () => {
    const { send } = manager();
    const both = [send(CALL), send(CALL)];
    await clock.advance(1_000);
    assert.equal(node.sent.length, 1);
    node.state.included = { hash: '0x1', status: 1 };
    await clock.advance(1_000);
    node.state.included = { hash: '0x2', status: 1 };
    await clock.advance(1_000);
    assert.deepEqual(
      (await Promise.all(both)).map(({ hash }) => hash),
      ['0x1', '0x2'],
    );
  });

  describe('with blobs', () => {
    const BLOB = {
      blob: new Uint8Array(131_072),
      commitment: new Uint8Array(48).fill(1),
      versionedHash: `0x01${'ab'.repeat(31)}`,
      cellProofs: Array.from({ length: 128 }, () => new Uint8Array(48).fill(2)),
    };
    const WITH_BLOBS = { ...CALL, blobs: [BLOB, BLOB] };

    it('carries them with the proofs of their cells, and is simulated with their hashes', async () => {
      node.state.included = { hash: '0x1', status: 1 };
      await manager().send(WITH_BLOBS);
      const [sent] = node.sent;
      const hashes = [BLOB.versionedHash, BLOB.versionedHash];
      assert.deepEqual([sent!.type, sent!.blobWrapperVersion, sent!.maxFeePerBlobGas], [3, 1, 6n]);
      assert.deepEqual(sent!.blobVersionedHashes, hashes);
      assert.equal(sent!.blobs!.length, 2);
      assert.equal((sent!.blobs![0] as { proof: string }).proof, `0x${'02'.repeat(48 * 128)}`);
      assert.deepEqual(node.state.simulated!.blobVersionedHashes, hashes);
      assert.equal('blobs' in node.state.simulated!, false);
    });

    it('doubles its three fees when it is stuck, within the limits', async () => {
      const receipt = manager({ maxFeePerGas: 30n * GWEI }).send(WITH_BLOBS);
      await clock.advance(0);
      for (let i = 0; i < 2; i++) await clock.advance(11_000);
      node.state.included = { hash: '0x2', status: 1 };
      await clock.advance(2_000);
      await receipt;
      assert.deepEqual(
        node.sent.map(({ maxFeePerGas, maxPriorityFeePerGas, maxFeePerBlobGas }) => [
          maxFeePerGas,
          maxPriorityFeePerGas,
          maxFeePerBlobGas,
        ]),
        [
          [10n * GWEI, GWEI, 6n],
          [20n * GWEI, 2n * GWEI, 12n],
          [30n * GWEI, 4n * GWEI, 24n],
        ],
      );
    });

    it('never offers more for blobs than its limit', async () => {
      const result = manager({ maxReplacements: 4, maxFeePerBlobGas: 13n }).send(WITH_BLOBS);
      const failed = assert.rejects(result, { code: 'TRANSACTION_STUCK' });
      for (let i = 0; i < 6; i++) await clock.advance(11_000);
      await failed;
      assert.equal(node.sent.length, 5);
      assert.ok(node.sent.every(({ maxFeePerBlobGas }) => BigInt(maxFeePerBlobGas!) <= 13n));
    });

    describe('pending where one of the other kind is sent', () => {
      const RESERVED = new Error('could not coalesce error: address already reserved');
      /** Refuses what has no blobs as long as the nonce is that of the pending one. */
      const reserve = () => {
        const { sendTransaction } = node.signer;
        node.signer.sendTransaction = async (request) => {
          if (request.type === 2 && node.state.nonce === 5) throw RESERVED;
          return sendTransaction(request);
        };
      };
      const nonces = () => node.sent.map(({ type, nonce }) => [type, nonce]);

      it('says so when it has none: who sent it raises it', async () => {
        node.state.refuseSending = RESERVED;
        const data = { account: ACCOUNT, nonce: 5 };
        await assert.rejects(manager().send(WITH_BLOBS), { code: 'ACCOUNT_RESERVED', data });
      });

      it('waits until it is in a block, and comes behind it', async () => {
        reserve();
        const receipt = manager().send(CALL);
        await clock.advance(4_000);
        assert.deepEqual(nonces(), []);
        node.state.nonce = 6;
        node.state.included = { hash: '0x1', status: 1 };
        await clock.advance(2_000);
        await receipt;
        assert.deepEqual(nonces(), [[2, 6]]);
      });

      it('replaces it by an empty one when nobody gets it into a block, and comes behind that', async () => {
        reserve();
        const receipt = manager().send(CALL);
        await clock.advance(11_000);
        assert.deepEqual(nonces(), [[3, 5]]);
        const [empty] = node.sent;
        assert.deepEqual([empty!.to, empty!.data, empty!.value], [ACCOUNT, '0x', undefined]);
        assert.deepEqual(empty!.blobVersionedHashes, [EMPTY_BLOB.versionedHash]);
        node.state.nonce = 6;
        node.state.included = { hash: '0x1', status: 1 };
        await clock.advance(2_000);
        node.state.included = { hash: '0x2', status: 1 };
        await clock.advance(2_000);
        await receipt;
        assert.deepEqual(nonces(), [
          [3, 5],
          [2, 6],
        ]);
      });

      it('gives up what it has on its way itself, and clears the way for what comes behind', async () => {
        reserve();
        const { send } = manager();
        const giveUp = new AbortController();
        const assertion = assert.rejects(send(WITH_BLOBS, giveUp.signal), /an answer is due/);
        await clock.advance(1_000);
        giveUp.abort(new Error('an answer is due'));
        await assertion;
        const answer = send(CALL);
        await clock.advance(11_000);
        assert.deepEqual(nonces(), [
          [3, 5],
          [3, 5],
        ]);
        assert.deepEqual(node.sent[1]!.blobVersionedHashes, [EMPTY_BLOB.versionedHash]);
        node.state.nonce = 6;
        node.state.included = { hash: '0x2', status: 1 };
        await clock.advance(2_000);
        node.state.included = { hash: '0x3', status: 1 };
        await clock.advance(2_000);
        await answer;
        assert.deepEqual(nonces()[2], [2, 6]);
      });

      it('doubles what the empty one offers until the node takes it, within the limits', async () => {
        const { sendTransaction } = node.signer;
        node.signer.sendTransaction = async (request) => {
          if (request.type === 2) throw RESERVED;
          if (BigInt(request.maxFeePerBlobGas!) < 24n) throw new Error('replacement transaction underpriced');
          return sendTransaction(request);
        };
        const receipt = manager().send(CALL);
        const ended = assert.rejects(receipt, { code: 'ACCOUNT_RESERVED' });
        await clock.advance(11_000);
        assert.deepEqual(
          node.sent.map(({ maxFeePerBlobGas }) => maxFeePerBlobGas),
          [24n],
        );
        node.state.included = { hash: '0x1', status: 1 };
        node.state.nonce = 6;
        await clock.advance(2_000);
        await ended; // the node still refuses, and it is not tried a third time
      });

      it('has used the nonce that the caller fixed', async () => {
        reserve();
        const receipt = manager().send({ ...CALL, nonce: 5 });
        const ended = assert.rejects(receipt, { code: 'NONCE_TAKEN' });
        await clock.advance(4_000);
        node.state.nonce = 6;
        await clock.advance(2_000);
        await ended;
      });
    });

    it('asks for the prices of gas, and has none of blobs on an L1 without them', async () => {
      node.provider.getFeeData = async () => ({ maxFeePerGas: 9n, maxPriorityFeePerGas: 1n, gasPrice: 7n }) as never;
      assert.deepEqual(await manager().prices(), { feePerGas: 7n, feePerBlobGas: 3n });
      node.state.hasBlobs = false;
      assert.deepEqual(await manager().prices(), { feePerGas: 7n, feePerBlobGas: undefined });
    });
  });
});
