/** Two rollups on one L1, and users of the first whose moves to the second are in final batches; proofs by the simulator. */

import { createProvider, createRollupReader, type RollupReader } from '@quittance/chain';
import { addressText, PROFILES, packOwnerAndToken, RecordKind, type StoredHeader } from '@quittance/protocol';
import { Contract, type JsonRpcProvider, type NonceManager } from 'ethers';
import { LOCAL_CHAIN_ID, type LocalChain, startAnvil } from '../../../cli/devnet/anvil.ts';
import { deployLocally, localSigner } from '../../../cli/devnet/deploy.ts';
import { PRODUCER_POSITION } from '../../../cli/devnet/people.ts';
import { buildBatch, record, submitArguments } from '../contracts/batch.ts';
import { readHeader } from '../contracts/deployment.ts';
import { createGroth16Simulator } from '../contracts/groth16-simulator.ts';
import { type RollupContract, rollupAt } from '../contracts/types.ts';
import type { Random } from '../property/random.ts';

const FUNDER = 2;
const simulator = createGroth16Simulator('moving');

/** What a user signed, and where it stands among the withdrawals. */
export interface PlannedMove {
  readonly batch: number;
  readonly index: number;
  readonly owner: string;
  /** Of this move only. */
  readonly keyY: bigint;
  readonly amount: bigint;
  /** Here: 0 or 1. */
  readonly tokenId: number;
  /** 0 is the other rollup; nothing has another number. */
  readonly destination: number;
}

/** One of the rollups. */
export interface SceneRollup {
  readonly contract: string;
  readonly block: number;
  readonly rollup: RollupContract;
  readonly reader: RollupReader;
}

export interface MovingScene {
  readonly provider: JsonRpcProvider;
  readonly here: SceneRollup;
  /** Destination 0; it knows ETH, and the token under number 2. */
  readonly there: SceneRollup;
  /** An ERC-20, token 1 here. */
  readonly token: Contract;
  readonly moves: readonly PlannedMove[];
  stop(): Promise<void>;
}

export interface SceneOptions {
  readonly random: Random;
  /** Slots of a chunk in both rollups; a group has at most as many moves. */
  readonly slotsPerChunk: number;
  /** Moves of each batch. */
  readonly batches: readonly number[];
  /** Owners of the first moves of each batch; of the others nobody has a key. */
  readonly owners: readonly string[];
  /** Amount of the move with this index among the withdrawals, in base units; up to 2^40 at random if not given. */
  readonly amountOf?: (index: number) => bigint;
  /** Where it goes; every 20th that is not of an owner to a number that nobody registered, if not given. */
  readonly destinationOf?: (index: number) => number;
}

/** Of the token beside ETH, in the rollup that is moved to. */
export const TOKEN_ID_THERE = 2;

async function deploy(provider: JsonRpcProvider, funder: NonceManager, slotsPerChunk: number) {
  const profile = { ...PROFILES.quick, slotsPerChunk, maxChunks: PROFILES.standard.maxChunks };
  const deployed = await deployLocally(provider, profile, simulator.verifyingKey);
  const { contract, block } = deployed;
  const rollup = rollupAt(contract, funder);
  const reader = createRollupReader({ provider, chainId: LOCAL_CHAIN_ID, contract });
  return { ...deployed, contract, block, rollup, reader };
}

/** What users sign; every 20th names a destination that nobody registered. */
function plan({ random, batches, owners, amountOf, destinationOf }: SceneOptions): PlannedMove[] {
  return batches.flatMap((count, position) =>
    Array.from({ length: count }, (_, index) => ({
      batch: position + 1,
      // Behind a withdrawal.
      index: index + 1,
      owner: owners[index] ?? addressText(1n + random.bits(159)),
      keyY: BigInt(1_000_000 * position + index + 1),
      amount: amountOf?.(index + 1) ?? 1n + random.bits(40),
      tokenId: random.chance(0.3) ? 1 : 0,
      destination: destinationOf?.(index + 1) ?? (index >= owners.length && random.chance(0.05) ? 7 : 0),
    })),
  );
}

/** Brings the money that batches pay out into the rollup. */
async function fund(
  rollup: RollupContract,
  token: Contract,
  funder: string,
  moves: readonly PlannedMove[],
): Promise<void> {
  const fee = await rollup.priorityFee();
  const owner = addressText(1n);
  const sumOf = (id: number) =>
    moves.filter(({ tokenId }) => tokenId === id).reduce((sum, { amount }) => sum + amount, 1_000n);
  await (await rollup.deposit(0, sumOf(0), 1n, owner, { value: sumOf(0) + fee })).wait();
  await (await token.getFunction('mint')(funder, sumOf(1))).wait();
  await (await token.getFunction('approve')(await rollup.getAddress(), sumOf(1))).wait();
  await (await rollup.deposit(1, sumOf(1), 1n, owner, { value: fee })).wait();
}

/** Makes a batch final that has a withdrawal of 1 and then these moves. */
async function finalize(
  { provider, slotsPerChunk }: { provider: JsonRpcProvider; slotsPerChunk: number },
  { contract }: SceneRollup,
  parent: StoredHeader,
  moves: readonly PlannedMove[],
): Promise<StoredHeader> {
  const records = [
    record(RecordKind.withdraw, [0n, packOwnerAndToken(9n, 0), 1n]),
    ...moves.map(({ owner, keyY, amount, tokenId, destination }) =>
      record(RecordKind.move, [keyY, packOwnerAndToken(BigInt(owner), tokenId), amount], 0, destination),
    ),
  ];
  const chunks = Array.from({ length: Math.ceil(records.length / slotsPerChunk) }, (_, chunk) =>
    records.slice(chunk * slotsPerChunk, (chunk + 1) * slotsPerChunk),
  );
  const deployment = { chainId: LOCAL_CHAIN_ID, contract };
  const time = (await provider.getBlock('latest'))!.timestamp;
  const world = { parameters: { slotsPerChunk }, deployment, simulator };
  const built = buildBatch(world, { parent, time, chunks });
  const rollup = rollupAt(contract, localSigner(provider, PRODUCER_POSITION));
  await (await rollup.submitBatch(...submitArguments(built))).wait();
  return built.header;
}

/** Starts an L1 with both rollups and final batches of moves. */
export async function createMovingScene(options: SceneOptions): Promise<MovingScene> {
  const { slotsPerChunk, batches } = options;
  const l1: LocalChain = await startAnvil();
  const provider = createProvider({ url: l1.url, chainId: LOCAL_CHAIN_ID });
  const funder = localSigner(provider, FUNDER);
  const here = await deploy(provider, funder, slotsPerChunk);
  const there = await deploy(provider, funder, slotsPerChunk);
  await (await here.rollup.registerDestination(there.contract)).wait();
  await (await there.rollup.registerToken(here.token)).wait();
  const abi = [
    'mint(address,uint256)',
    'approve(address,uint256) returns (bool)',
    'balanceOf(address) view returns (uint256)',
  ];
  const token = new Contract(
    here.token,
    abi.map((each) => `function ${each}`),
    funder,
  );
  const moves = plan(options);
  await fund(here.rollup, token, await funder.getAddress(), moves);
  let header = await readHeader(here.rollup, 0);
  for (const position of batches.keys()) {
    const own = moves.filter(({ batch }) => batch === position + 1);
    header = await finalize({ provider, slotsPerChunk }, here, header, own);
  }
  return {
    ...{ provider, here, there, token, moves },
    async stop() {
      provider.destroy();
      await l1.stop();
    },
  };
}
