import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createStepWitness, type Operation, RollupState } from '@quittance/protocol';
import {
  accountOf,
  CONTEXT,
  collectFee,
  createState,
  deposit,
  EMPTY_INDEX,
  forcedExit,
  INDEX,
  move,
  NO_FEES,
  transfer,
  transferToNew,
  unsigned,
  withdraw,
} from '../../support/rollup/scene.ts';
import { portableCrypto } from '../../support/rollup/world.ts';
import {
  deployStepVerifier,
  evmArguments,
  evmWitness,
  recordOf,
  type StepDeployment,
} from '../../support/step/step.ts';

const SNAPSHOT = new URL('gas.snapshot.json', import.meta.url);
/** QUITTANCE_UPDATE_SNAPSHOTS=1 writes what is measured. */
const isUpdating = process.env['QUITTANCE_UPDATE_SNAPSHOTS'] === '1';

/** Most that one step may cost on L1, calldata and the transaction itself included. */
const STEP_GAS_LIMIT = 5_000_000n;
/** The chunk data of an optimistic batch (32 kB at 16 gas a byte) comes on top where a dispute needs it. */
const CHUNK_DATA_GAS = 32_000n * 16n;
/** EIP-170. */
const CODE_LIMIT = 24_576;

/** Every leaf next to Alice and Dave is taken, so that no byte of their siblings is cheap. */
function crowdedState(): RollupState {
  const crowd = [INDEX.alice, INDEX.dave].flatMap((index) =>
    [0, 1, 2, 3].map((position) => (index & ~3) | position).filter((neighbor) => neighbor !== index),
  );
  return new RollupState(portableCrypto.hasher, [
    [INDEX.alice, { ...accountOf('alice'), balance: 2n ** 127n }],
    [INDEX.dave, { ...accountOf('dave'), tokenId: 0 }],
    ...crowd.map((index) => [index, accountOf('carol')] as const),
  ]);
}

describe('gas of the step verifier', () => {
  let deployment: StepDeployment;

  before(async () => {
    deployment = await deployStepVerifier();
  });

  /** What a transaction uses that executes one record. */
  async function gasOf(operation: Operation, state: RollupState): Promise<bigint> {
    const { ethers, verifier } = deployment;
    const scene = { crypto: portableCrypto, state, context: CONTEXT, fees: NO_FEES };
    const record = recordOf(operation);
    const witness = evmWitness(createStepWitness(state, record.fields, record.authorization));
    const data = verifier.interface.encodeFunctionData('executeStep', [...evmArguments(scene, record), witness]);
    const [signer] = await ethers.getSigners();
    const receipt = await (await signer!.sendTransaction({ to: verifier, data })).wait();
    return receipt!.gasUsed;
  }

  it('is what the snapshot says, and below 5,000,000 with the chunk data in every case', async () => {
    const state = createState();
    const big = { amountFloat: (31n << 35n) | 1n, feeFloat: 2047 };
    const measured: Record<string, bigint> = {
      noop: await gasOf(unsigned(0), state),
      'transfer to a neighbor': await gasOf(transfer(), state),
      'transfer across a crowded tree': await gasOf(transfer({ feeFloat: 2047 }, 'dave'), crowdedState()),
      'transfer across a crowded tree, overdraft': await gasOf(transfer(big, 'dave'), crowdedState()),
      'transfer of another signer': await gasOf(transfer({ signer: 'bob', from: INDEX.alice }), state),
      'transfer to an empty leaf': await gasOf(transfer({ to: EMPTY_INDEX }), state),
      transferToNew: await gasOf(transferToNew({ feeFloat: 1 }), state),
      withdraw: await gasOf(withdraw(), state),
      deposit: await gasOf(deposit(), state),
      'deposit to an empty leaf': await gasOf(deposit({ to: EMPTY_INDEX }), state),
      'forced exit': await gasOf(forcedExit(), state),
      move: await gasOf(move(), state),
      collectFee: await gasOf(collectFee(), state),
    };
    for (const [title, gas] of Object.entries(measured)) {
      assert.ok(gas + CHUNK_DATA_GAS < STEP_GAS_LIMIT, `${title}: ${gas}`);
    }
    const text = `${JSON.stringify(measured, (_, value) => (typeof value === 'bigint' ? Number(value) : value), 2)}\n`;
    if (isUpdating) writeFileSync(SNAPSHOT, text);
    assert.ok(existsSync(SNAPSHOT));
    assert.equal(text, readFileSync(SNAPSHOT, 'utf8'), 'QUITTANCE_UPDATE_SNAPSHOTS=1 writes the new counts');
  });

  it('is that of contracts within the limit of 24,576 bytes', async () => {
    const { ethers, verifier, poseidon4, poseidon5 } = deployment;
    for (const contract of [verifier, poseidon4, poseidon5]) {
      const codeBytes = ((await ethers.provider.getCode(contract)).length - 2) / 2;
      assert.ok(codeBytes > 0 && codeBytes <= CODE_LIMIT, `${codeBytes} bytes`);
    }
  });
});
