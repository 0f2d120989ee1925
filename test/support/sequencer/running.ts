/** A rollup that runs on a real L1: contracts, sequencer and API; proofs by the simulator. */

import { createRollupChain } from '@quittance/chain';
import { PROFILES } from '@quittance/protocol';
import type { JsonRpcProvider } from 'ethers';
import { LOCAL_CHAIN_ID } from '../../../cli/devnet/anvil.ts';
import { type DeployedRollup, deployLocally } from '../../../cli/devnet/deploy.ts';
import { l1Wallet } from '../../../cli/devnet/people.ts';
import { silentLogger, systemClock } from '../../../runtime/index.ts';
import { createSequencer, startApi } from '../../../sequencer/index.ts';
import { openStorage } from '../../../storage/index.ts';
import { createGroth16Simulator, createSimulatedProver } from '../contracts/groth16-simulator.ts';
import { createPerson } from '../rollup/person.ts';
import { until } from '../until.ts';
import { fastCrypto } from './harness.ts';

const simulator = createGroth16Simulator('running');
/** Batches are sealed by the test before this; signatures must be valid for longer. */
const NEVER_MS = 600_000;

/** A rollup with its sequencer. */
export interface RunningRollup extends DeployedRollup {
  /** URL of the API. */
  readonly url: string;
  /** Seals what was accepted. */
  seal(): Promise<void>;
  /** Seals once so many operations of the queue were seen, counted from the beginning, and waits for finality. */
  settle(operations: number): Promise<void>;
  /** Looks at L1 once. */
  look(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Deploys a rollup of the quick profile and runs it.
 *
 * @param producer position of its producer on the mnemonic. @param explorer folder of the explorer, to serve it.
 */
export async function startRollup(
  provider: JsonRpcProvider,
  file: string,
  producer: number,
  explorer?: string,
): Promise<RunningRollup> {
  const signer = l1Wallet(producer).connect(provider);
  const deployed = await deployLocally(provider, PROFILES.quick, simulator.verifyingKey, { producer: signer.address });
  const { contract, block: deploymentBlock } = deployed;
  const storage = openStorage({ file });
  const operator = createPerson(`operator ${producer}`);
  const sequencer = await createSequencer({
    config: {
      profile: PROFILES.quick,
      operator: { keyY: operator.keyPair.publicKey.y, owner: operator.owner },
      feeTokens: [0, 1].map((tokenId) => ({ tokenId, minimumFee: 0n })),
      l1PollMs: 50,
      sealAfterMs: NEVER_MS,
      shadow: 1,
      deploymentBlock,
    },
    chain: createRollupChain({
      ...{ provider, chainId: LOCAL_CHAIN_ID, contract, signer, clock: systemClock, logger: silentLogger },
      transactions: { pollMs: 50 },
    }),
    prover: createSimulatedProver(simulator),
    storage,
    clock: systemClock,
    crypto: fastCrypto(),
  });
  const api = await startApi({ sequencer, clock: systemClock, ...(explorer === undefined ? {} : { explorer }) });
  return {
    ...deployed,
    url: api.url,
    look: () => sequencer.pollL1(),
    seal: () => sequencer.sealNow(),
    async settle(operations) {
      await until(() => sequencer.status().priorityOperations >= operations, `operation ${operations} of the queue`);
      await sequencer.sealNow();
      await until(() => {
        const { halted, sealedBatch, finalBatch } = sequencer.status();
        if (halted !== undefined) throw halted;
        return sealedBatch === finalBatch;
      }, 'finality of the batch');
    },
    async stop() {
      await api.stop();
      await sequencer.stop();
      storage.close();
    },
  };
}
