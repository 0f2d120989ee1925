import { strict as assert } from 'node:assert';
import {
  type AssertionEvent,
  createAssertionChain,
  createAssertionReader,
  createRollupReader,
  type ReaderOptions,
} from '@quittance/chain';
import { honestCommitments, locateFault, replayAssertion, stepEvidence } from '@quittance/derivation';
import type { RollupError } from '@quittance/protocol';
import { assertionContent, contentHash, domainOf, keccakText, stepProofCommitment } from '@quittance/protocol';
import type { JsonRpcApiProvider, Signer } from 'ethers';
import { silentLogger, systemClock } from '../../runtime/index.ts';
import { type DeployedOptimistic, type DeployedRollup, deployRollup } from '../support/contracts/deployment.ts';
import { NO_KZG } from '../support/derivation/no-kzg.ts';
import { readAs } from '../support/optimistic/asserted-batch.ts';
import { buildOn } from '../support/optimistic/calls.ts';
import { assertionsFixture } from '../support/optimistic/fixture.ts';
import { FORGERY, HONEST } from '../support/optimistic/lie-chunks.ts';
import { portableCrypto } from '../support/rollup/world.ts';

const SALT = keccakText('salt');

function readerOptions({ ethers, deployment }: DeployedRollup): ReaderOptions {
  return { ...deployment, provider: ethers.provider as unknown as JsonRpcApiProvider };
}

const chainOf = (world: DeployedOptimistic, signer: Signer) =>
  createAssertionChain({ ...readerOptions(world), signer, clock: systemClock, logger: silentLogger });

describe('Chain: the Assertions contract through ethers', () => {
  const fixture = assertionsFixture();
  const deploymentOf = ({ deployment, parameters }: DeployedOptimistic) => ({
    domain: domainOf(deployment),
    slotsPerChunk: parameters.slotsPerChunk,
  });
  const advance = (seconds: number) => fixture.world.l1.networkHelpers.time.increase(seconds);

  it('reads what the deployment fixed', async () => {
    const { world } = fixture;
    const { optimistic, assertions } = world;
    const constants = await createAssertionReader(readerOptions(world)).connect();
    assert.deepEqual(constants, {
      address: await assertions.getAddress(),
      challengePeriodSeconds: optimistic.challengePeriod,
      answerWindowSeconds: optimistic.answerWindow,
      stepWindowSeconds: optimistic.stepWindow,
      assertionBond: optimistic.assertionBond,
      disputeBond: optimistic.disputeBond,
      maxPending: optimistic.maxPending,
    });
  });

  it('finds no optimistic mode where there is none', async () => {
    const options = readerOptions(await deployRollup());
    const reader = createAssertionReader(options);
    assert.equal(await reader.connect(), undefined);
    await assert.rejects(reader.pendingRange(), { code: 'NO_OPTIMISTIC_MODE' });
    assert.deepEqual(await createRollupReader(options).assertions(0, 100), []);
  });

  it('asserts with the bond and reads the assertion back from events and calldata', async () => {
    const { world, prepared } = fixture;
    const chain = await chainOf(world, world.producer);
    const built = await buildOn(world, prepared.tip, [HONEST, { slots: [] }]);
    const { blobs: _, ...submission } = readAs(built);
    const action = { type: 'assertBatch', submission } as const;
    const { gas, costWei } = await chain.dryRun(action);
    assert.ok(gas > 100_000n && costWei > gas);
    assert.equal(await chain.pendingId(built.header.number), undefined);
    const { transactionHash, blockNumber, blockHash, gasUsed } = await chain.send(action);
    assert.ok(gasUsed <= gas);

    const events = await chain.events(0, blockNumber);
    assert.deepEqual(events, [
      {
        type: 'asserted',
        assertionId: 1n,
        headerHash: built.headerHash,
        asserter: world.producer.address,
        isProven: false,
        header: built.header,
        transactionHash,
        blockNumber,
        blockHash,
        logIndex: 0,
      },
    ]);
    assert.deepEqual(await chain.submission(transactionHash), submission);
    const reader = createRollupReader(readerOptions(world));
    assert.deepEqual(await reader.batchData(transactionHash), submission);
    assert.deepEqual(await reader.assertions(0, blockNumber), [
      { transactionHash, blockNumber, blockHash, headerHash: built.headerHash },
    ]);
    await assert.rejects(reader.submission(transactionHash), { code: 'CALLDATA_UNREADABLE' });

    const content = assertionContent(world.deployment, world.parameters.slotsPerChunk, submission);
    assert.deepEqual(await chain.assertion(1n), {
      headerHash: built.headerHash,
      contentHash: contentHash(content),
      asserter: world.producer.address,
      assertedAt: await world.l1.networkHelpers.time.latest(),
      chunkCount: 2,
      number: 2,
      isRejected: false,
      isReleased: false,
      isPending: true,
      provenChunks: 0n,
      disputedChunks: 0n,
    });
    assert.deepEqual(await chain.pendingRange(), { finalNumber: 1, lastNumber: 2 });
    assert.equal(await chain.pendingId(2), 1n);
    assert.equal(await chain.isFinalizable(), false);
  });

  it('names the contract’s error in a dry run and sends nothing', async () => {
    const { world, prepared } = fixture;
    const chain = await chainOf(world, world.alice);
    const built = await buildOn(world, prepared.tip, [HONEST]);
    const nonce = await chain.nextNonce();
    for (const attempt of ['dryRun', 'send'] as const) {
      await assert.rejects(
        chain[attempt]({ type: 'assertBatch', submission: readAs(built) }),
        (error: RollupError) => error.code === 'L1_REJECTED' && error.data['error'] === 'NotProducer',
      );
    }
    await assert.rejects(chain.dryRun({ type: 'releaseBond', assertionId: 5n }), (error: RollupError) => {
      assert.deepEqual(error.data, { error: 'UnknownAssertion', assertionId: '5' });
      return error.code === 'L1_REJECTED';
    });
    await assert.rejects(chain.assertion(5n), { code: 'L1_REJECTED' });
    assert.equal(await chain.nextNonce(), nonce);
  });

  it('defends a right chunk with its honest answer and collects what the disputer lost', async () => {
    const { world, prepared } = fixture;
    const { optimistic } = world;
    const asserter = await chainOf(world, world.producer);
    const griefer = await chainOf(world, world.bob);
    const built = await buildOn(world, prepared.tip, [{ slots: [] }, HONEST]);
    await asserter.send({ type: 'assertBatch', submission: readAs(built) });
    const meant = { assertionId: 1n, headerHash: built.headerHash, chunk: 1 };
    await griefer.send({ type: 'openDispute', ...meant });
    const place = { submission: readAs(built), chunk: 1 };
    const commitments = honestCommitments(portableCrypto, prepared.tip.state, place, deploymentOf(world));
    await asserter.send({ type: 'answerDispute', ...meant, commitments });
    const { answerHash, answeredAt, firstDisputeId } = await asserter.chunkDisputes(1n, 1);
    assert.deepEqual([firstDisputeId, answerHash === `0x${'00'.repeat(32)}`, answeredAt > 0], [1n, false, true]);
    assert.equal(locateFault(portableCrypto, prepared.tip.state, place, commitments, deploymentOf(world)), undefined);
    await assert.rejects(asserter.dryRun({ type: 'settleDispute', disputeId: 1n }), { code: 'L1_REJECTED' });

    await advance(optimistic.challengePeriod + optimistic.answerWindow + optimistic.stepWindow);
    await asserter.send({ type: 'settleDispute', disputeId: 1n });
    assert.equal((await asserter.dispute(1n)).isSettled, true);
    assert.equal(await asserter.isFinalizable(), true);
    await asserter.send({ type: 'finalizeBatches', headers: [built.header] });
    assert.equal(await asserter.creditOf(asserter.account), optimistic.assertionBond + optimistic.disputeBond / 2n);
    await asserter.send({ type: 'collectCredit', receiver: asserter.account });
    assert.equal(await asserter.creditOf(asserter.account), 0n);
    const reader = createRollupReader(readerOptions(world));
    assert.equal(await reader.headerHash(2), built.headerHash);
  });

  it('shows L1 the record that an answer gives away, and the assertion is rejected', async () => {
    const { world, prepared } = fixture;
    const asserter = await chainOf(world, world.producer);
    const challenger = await chainOf(world, world.bob);
    const built = await buildOn(world, prepared.tip, [HONEST, FORGERY]);
    const { transactionHash } = await asserter.send({ type: 'assertBatch', submission: readAs(built) });

    // All that follows is made from L1.
    const posted = await challenger.submission(transactionHash);
    assert.ok('authorizations' in posted);
    const submission = { ...posted, blobs: [] };
    const { state, header } = prepared.tip;
    const verdict = await replayAssertion(portableCrypto, state, header, submission, deploymentOf(world));
    assert.ok(!verdict.isRight);
    const { chunk } = verdict.faults[0];
    const meant = { assertionId: 1n, headerHash: built.headerHash, chunk };
    await challenger.send({ type: 'openDispute', ...meant });
    await asserter.send({ type: 'answerDispute', ...meant, commitments: built.claims[chunk]!.answer });

    const head = await world.ethers.provider.getBlockNumber();
    const answered = (await challenger.events(0, head)).find(({ type }) => type === 'answered');
    assert.ok(answered?.type === 'answered');
    const { commitments } = answered;
    const fault = locateFault(portableCrypto, state, { submission, chunk }, commitments, deploymentOf(world));
    assert.ok(fault !== undefined);
    assert.deepEqual([fault.slot, fault.result], [1, 'BAD_SIGNATURE']);
    const { slot, before, outcome, witness } = fault;
    const claim = { prover: challenger.account, salt: SALT, assertionId: 1n, chunk, slot, outcome };
    const commitment = stepProofCommitment(claim);
    const committed = await challenger.send({ type: 'commitStep', commitment });
    assert.equal(await challenger.stepCommittedAt(commitment), committed.blockNumber);
    const content = assertionContent(world.deployment, world.parameters.slotsPerChunk, submission);
    const evidence = await stepEvidence(NO_KZG, submission, world.parameters.slotsPerChunk, fault);
    const meantStep = { assertionId: 1n, chunk, slot, salt: SALT };
    const proof = { ...meantStep, content, ...evidence, commitments, before, witness };
    const { blockNumber } = await challenger.send({ type: 'proveStep', proof });

    const last = (await challenger.events(blockNumber, blockNumber)).map(withoutPlace);
    assert.deepEqual(last, [
      { type: 'stepProven', assertionId: 1n, chunk, slot, result: 14 },
      { type: 'rejected', assertionId: 1n, number: 2, winner: challenger.account, unanswered: false },
    ]);
    const { isRejected, isPending } = await challenger.assertion(1n);
    assert.deepEqual([isRejected, isPending], [true, false]);
    assert.equal(await challenger.creditOf(challenger.account), world.optimistic.assertionBond / 2n);
  });
});

/** An event without its place on L1. */
function withoutPlace({ transactionHash, blockNumber, blockHash, logIndex, ...content }: AssertionEvent): object {
  assert.ok(transactionHash.length === 66 && blockNumber > 0 && blockHash.length === 66 && logIndex >= 0);
  return content;
}
