import {
  batchChallenge,
  type ChunkTrace,
  chunkEvaluation,
  chunksContentOf,
  encodeChunkData,
  encodeCoefficientBlob,
  encodeVisible,
  headerHash,
  headerOf,
  packFeeTokens,
  packTrace,
  portableHasher,
} from '@quittance/protocol';
import { expect } from 'chai';
import { createProver, type Prover } from '../../prover/index.ts';
import { testKzg } from '../support/blobs/kzg.ts';
import type { ProvenBlob } from '../support/blobs/send.ts';
import { type BatchArguments, submit } from '../support/contracts/batch.ts';
import { provenBlob, submitWithBlobs } from '../support/contracts/blob-batch.ts';
import {
  type DeployedRollup,
  deployContract,
  deployRollup,
  finalNumber,
  latestTime,
  readHeader,
} from '../support/contracts/deployment.ts';
import { evmProof, evmVerifyingKey } from '../support/contracts/evm-proof.ts';
import { refuses } from '../support/contracts/refusal.ts';
import { describeNative } from '../support/native.ts';
import { World } from '../support/rollup/world.ts';

/** Two blocks a chunk, so that y depends on z. */
const SLOTS = 4;
const AMOUNT = 10n ** 15n;
const ETHER = 0;

/** A rollup under the key of the real circuit, on an L1 where everything else is as in the other tests. */
async function deployUnder(prover: Prover): Promise<DeployedRollup> {
  const world = await deployRollup({ slotsPerChunk: SLOTS, maxChunks: 2 });
  const verifier = await deployContract(world.ethers, 'Groth16BatchVerifier', [
    evmVerifyingKey(prover.verifyingKey),
    true,
  ]);
  const parameters = { ...world.parameters, verifier: await verifier.getAddress() };
  const rollup = await deployContract(world.ethers, 'Rollup', [parameters]);
  const deployment = { ...world.deployment, contract: await rollup.getAddress() };
  return { ...world, rollup, verifier, parameters, deployment, genesis: await readHeader(rollup, 0) };
}

/** Two chunks on the empty state: deposits, then a withdrawal, a move and a transfer to a new account. */
async function executeTwo(l1: DeployedRollup): Promise<ChunkTrace[]> {
  const { rollup, deployment, parameters } = l1;
  const names = new World('real proofs');
  const [payer, other] = [names.createActor(ETHER), names.createActor(ETHER)];
  for (const actor of [payer, other]) {
    const owner = `0x${actor.owner.toString(16).padStart(40, '0')}`;
    const value = AMOUNT + parameters.priorityFee;
    await rollup.deposit(ETHER, AMOUNT, actor.keyPair.publicKey.y, owner, { value });
  }
  const time = await latestTime(l1);
  const world = new World('real proofs', { deployment, batchTime: time });
  world.queue(world.deposit(payer, AMOUNT));
  world.queue(world.deposit(other, AMOUNT));
  world.queue(world.transfer(payer, other, 5n));
  const first = world.flush(SLOTS);
  world.queue(world.withdraw(payer, 1_000n));
  world.queue(world.transferToNew(payer, names.createActor(ETHER), 7n));
  world.queue(world.move(other, 3, 2_000n));
  return [first.trace, world.flush(SLOTS).trace];
}

describeNative('proofs of the real circuit', function () {
  this.timeout(300_000);
  let prover: Prover;
  let world: DeployedRollup;
  let traces: ChunkTrace[];

  before(async () => {
    prover = createProver({ profile: { name: 'test', slotsPerChunk: SLOTS }, backend: 'native' });
    await prover.prepare();
    world = await deployUnder(prover);
    traces = await executeTwo(world);
  });
  after(() => prover?.close());

  /** What a batch of the two chunks says, in calldata or in a blob. */
  const statementOf = (blob: ProvenBlob | undefined) => {
    const operations = traces.map(({ slots }) => slots.map(({ operation }) => operation));
    return {
      number: 1,
      time: traces[0]!.context.batchTime,
      roots: [traces[0]!.oldRoot, ...traces.map(({ newRoot }) => newRoot)],
      commitments: traces.map(({ commitment }) => commitment),
      feeTokens: traces.map(({ context }) => packFeeTokens(context.feeTokens)),
      form: blob === undefined ? ('calldata' as const) : ('coefficients' as const),
      chunks: blob === undefined ? operations.map(encodeChunkData) : [],
      blobHashes: blob === undefined ? [] : [blob.versionedHash],
      visible: operations.map(encodeVisible),
      operations,
    };
  };

  /** Proves the batch, and opens the blob that it stands in. */
  const proveBatch = async (blob: ProvenBlob | undefined) => {
    const { operations, ...statement } = statementOf(blob);
    const { number, time, roots, commitments, feeTokens, chunks, visible } = statement;
    const challenge = batchChallenge({ ...world.deployment, number, ...chunksContentOf(statement) });
    const proofs = [];
    for (const trace of traces)
      proofs.push(evmProof((await prover.proveChunk(packTrace(portableHasher, trace), challenge)).proof));
    const isInBlob = blob !== undefined;
    const opened = isInBlob ? (await (await testKzg()).open(blob.blob, challenge)).proof : undefined;
    const built: BatchArguments = {
      parent: world.genesis,
      batch: { number, time, roots, commitments, feeTokens },
      chunks,
      visible,
      evaluations: isInBlob ? operations.map((records) => chunkEvaluation(records, challenge)) : [],
      opening: opened === undefined ? new Uint8Array() : Buffer.concat([blob!.commitment, opened]),
      proofs,
    };
    return { built, header: headerOf(world.genesis, statement) };
  };

  it('make one batch final from a blob and from calldata, under one key', async () => {
    const blob = await provenBlob(encodeCoefficientBlob(statementOf(undefined).operations));
    const [inBlob, inCalldata] = [await proveBatch(blob), await proveBatch(undefined)];
    const snapshot = await world.l1.networkHelpers.takeSnapshot();

    await submitWithBlobs(world, inBlob.built, [blob]);
    expect(await world.rollup.headerHash(1)).to.equal(headerHash(inBlob.header));
    await snapshot.restore();
    await submit(world, inCalldata.built);
    expect(await world.rollup.headerHash(1)).to.equal(headerHash(inCalldata.header));
    expect(inCalldata.header.withdrawalCount).to.equal(2);
    await snapshot.restore();

    // Each proof is for the challenge of its own form.
    await refuses(
      world,
      submitWithBlobs(world, { ...inBlob.built, proofs: inCalldata.built.proofs }, [blob]),
      'InvalidProof',
    );
    await refuses(world, submit(world, { ...inCalldata.built, proofs: inBlob.built.proofs }), 'InvalidProof');
    expect(await finalNumber(world)).to.equal(0);
  });

  it('are of the records that L1 was told of: a visible list that leaves one out is refused', async () => {
    const { built } = await proveBatch(undefined);
    const visible = built.visible.with(1, built.visible[1]!.slice(0, -112));
    await refuses(world, submit(world, { ...built, visible }), 'InvalidProof');
  });
});
