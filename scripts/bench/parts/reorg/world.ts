/** A local L1 with a rollup, and a sequencer on it in this process that can be started anew with other settings. */

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createProvider, createRollupChain, createRollupReader, type RollupReader } from '@quittance/chain';
import { addressText, PROFILES } from '@quittance/protocol';
import { LOCAL_CHAIN_ID, startAnvil } from '../../../../cli/devnet/anvil.ts';
import { deployLocally } from '../../../../cli/devnet/deploy.ts';
import { FUNDER_POSITION, l1Wallet, PRODUCER_POSITION } from '../../../../cli/devnet/people.ts';
import { silentLogger, systemClock } from '../../../../runtime/index.ts';
import { createSequencer, type Sequencer } from '../../../../sequencer/index.ts';
import { openStorage, type Storage } from '../../../../storage/index.ts';
import { createGroth16Simulator, createSimulatedProver } from '../../../../test/support/contracts/groth16-simulator.ts';
import { rollupAt } from '../../../../test/support/contracts/types.ts';
import { createPerson, type Person } from '../../../../test/support/rollup/person.ts';
import { fastCrypto } from '../../../../test/support/sequencer/harness.ts';
import { createCalm } from './calm.ts';

/** A deposit as a transaction of an account that the node signs for. */
export type Deposit = Readonly<Record<'from' | 'to' | 'data' | 'value', string>>;

/** L1 and the sequencer. */
export interface World {
  readonly contract: string;
  readonly reader: RollupReader;
  readonly sequencer: Sequencer;
  readonly storage: Storage;
  /** Ends the sequencer and starts it with so many confirmations. */
  restart(confirmations: number): Promise<void>;
  depositOf(person: Person, amount: bigint): Promise<Deposit>;
  /** Sends it, and waits until a block has it. @returns the block's number. */
  send(deposit: Deposit): Promise<number>;
  mine(blocks: number): Promise<void>;
  head(): Promise<number>;
  /**
   * Replaces the last blocks by others, of which the first has the deposits that are wanted instead, in their order.
   *
   * @param instead is told the last block that stays.
   */
  reorg(depth: number, instead: (stays: number) => Promise<readonly Deposit[]>): Promise<void>;
  stop(): Promise<void>;
}

const POLL_MS = 20;
const hex = (value: bigint | number): string => `0x${value.toString(16)}`;

/** @param folder for the database. */
export async function createWorld(folder: string): Promise<World> {
  const l1 = await startAnvil();
  const provider = createProvider({ url: l1.url, chainId: LOCAL_CHAIN_ID });
  const calm = createCalm(provider);
  const simulator = createGroth16Simulator('bench-reorg');
  const { contract, block } = await deployLocally(provider, PROFILES.quick, simulator.verifyingKey, {
    blobsAllowed: false,
  });
  const rollup = rollupAt(contract, provider);
  const operator = createPerson('operator');
  const crypto = fastCrypto();
  const from = await l1Wallet(FUNDER_POSITION).getAddress();

  const open = async (confirmations: number): Promise<{ sequencer: Sequencer; storage: Storage }> => {
    const storage = openStorage({ file: join(folder, 'sequencer.db') });
    const chain = createRollupChain({
      ...{ provider, contract, clock: systemClock, logger: silentLogger, chainId: LOCAL_CHAIN_ID },
      signer: l1Wallet(PRODUCER_POSITION).connect(provider),
      transactions: { pollMs: 20, stuckAfterMs: 1_000 },
    });
    const config = {
      ...{ profile: PROFILES.quick, deploymentBlock: block, confirmations, l1PollMs: 30, sealAfterMs: 100, shadow: 1 },
      operator: { keyY: operator.keyPair.publicKey.y, owner: operator.owner },
      feeTokens: [{ tokenId: 0, minimumFee: 10n }],
    };
    const prover = createSimulatedProver(simulator);
    return {
      storage,
      sequencer: await createSequencer({ config, chain, prover, storage, crypto, clock: systemClock }),
    };
  };
  const close = async (): Promise<void> => {
    await running.sequencer.stop();
    running.storage.close();
  };
  let running = await open(1);
  return {
    contract,
    reader: createRollupReader({ provider, chainId: LOCAL_CHAIN_ID, contract }),
    get sequencer() {
      return running.sequencer;
    },
    get storage() {
      return running.storage;
    },
    async restart(confirmations) {
      await close();
      running = await open(confirmations);
    },
    async depositOf({ keyPair, owner }, amount) {
      const parameters = [0, amount, keyPair.publicKey.y, addressText(owner)];
      const data = rollup.interface.encodeFunctionData('deposit', parameters);
      return { from, to: contract, data, value: hex(amount + (await rollup.priorityFee())) };
    },
    async send(deposit) {
      const hash = (await provider.send('eth_sendTransaction', [deposit])) as string;
      for (;;) {
        // Not by ethers' own waiting, which looks at the next new block: there may be none.
        const receipt = await provider.getTransactionReceipt(hash);
        if (receipt !== null) return receipt.blockNumber;
        await sleep(POLL_MS);
      }
    },
    mine: async (blocks) => void (await provider.send('anvil_mine', [hex(blocks)])),
    head: async () => Number(await provider.send('eth_blockNumber', [])),
    reorg: (depth, instead) =>
      calm(async () => {
        const head = Number(await provider.send('eth_blockNumber', []));
        const deposits = await instead(head - depth);
        await provider.send('anvil_reorg', [depth, deposits.map((deposit) => [deposit, 0])]);
      }),
    async stop() {
      await close();
      provider.destroy();
      await l1.stop();
    },
  };
}
