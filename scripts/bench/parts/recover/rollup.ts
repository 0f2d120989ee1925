/** A rollup on a local L1, proven by a simulator, whose sequencer can be started on any database. */

import { createProvider, createRollupChain } from '@quittance/chain';
import { type KeyPair, PROFILES, type Profile } from '@quittance/protocol';
import { signIntent } from '@quittance/sdk';
import { LOCAL_CHAIN_ID, startAnvil } from '../../../../cli/devnet/anvil.ts';
import { type DeployedRollup, deployLocally } from '../../../../cli/devnet/deploy.ts';
import { l1Wallet, PRODUCER_POSITION } from '../../../../cli/devnet/people.ts';
import { silentLogger, systemClock } from '../../../../runtime/index.ts';
import { createSequencer, type Sequencer, type TransferRequest } from '../../../../sequencer/index.ts';
import { openStorage, type Storage } from '../../../../storage/index.ts';
import { createGroth16Simulator, createSimulatedProver } from '../../../../test/support/contracts/groth16-simulator.ts';
import { rollupAt } from '../../../../test/support/contracts/types.ts';
import { depositFor } from '../../../../test/support/l1/deposits.ts';
import { createPerson } from '../../../../test/support/rollup/person.ts';
import { fastCrypto, requestOf } from '../../../../test/support/sequencer/harness.ts';
import { until } from '../../../../test/support/until.ts';

const DEPOSIT = 10n ** 15n;
/** The bench seals. */
const NEVER_MS = 3_600_000;
const FUNDER = 2;

export interface RecoverRollup extends DeployedRollup {
  readonly l1Url: string;
  readonly profile: Profile;
  /** Starts a sequencer on this database. */
  start(file: string): Promise<RunningSequencer>;
  /** The payment with this nonce, signed: the same bytes each time. */
  payment(nonce: number): TransferRequest;
  /** State root of the last final batch. */
  rootOnL1(): Promise<bigint>;
  stop(): Promise<void>;
}

export interface RunningSequencer {
  readonly sequencer: Sequencer;
  readonly storage: Storage;
  /** Seals, and waits until all of it is final. */
  settle(): Promise<void>;
  stop(): Promise<void>;
}

/** Deploys the rollup; the payer and the payee have accounts 0 and 1 once the first batch is final. */
export async function createRecoverRollup(): Promise<RecoverRollup> {
  const profile = PROFILES.quick;
  const simulator = createGroth16Simulator('bench recover');
  const l1 = await startAnvil();
  const provider = createProvider({ url: l1.url, chainId: LOCAL_CHAIN_ID });
  const signer = l1Wallet(PRODUCER_POSITION).connect(provider);
  const deployed = await deployLocally(provider, profile, simulator.verifyingKey);
  const { contract, block: deploymentBlock } = deployed;
  const [operator, payer, payee] = ['operator', 'payer', 'payee'].map(createPerson) as [Owned, Owned, Owned];
  const rollup = rollupAt(contract, l1Wallet(FUNDER).connect(provider));
  for (const person of [payer, payee, operator]) await depositFor(rollup, person, DEPOSIT);
  const endpoint = { provider, chainId: LOCAL_CHAIN_ID, contract, signer, clock: systemClock, logger: silentLogger };
  const chain = createRollupChain({ ...endpoint, transactions: { pollMs: 5 } });
  const { domain } = await chain.connect();
  const crypto = fastCrypto();

  return {
    ...deployed,
    ...{ l1Url: l1.url, profile },
    payment(nonce) {
      const receiver = { keyY: payee.keyPair.publicKey.y, owner: payee.owner };
      const common = { kind: 'transfer', from: 0, to: 1, receiver, amount: 1n, fee: 0n, validUntil: 0 } as const;
      return requestOf(signIntent(payer.keyPair, domain, { ...common, nonce }, crypto.hasher));
    },
    async rootOnL1() {
      const { number } = await chain.finalState();
      const found = await chain.findBatch(number, deploymentBlock, (await chain.head()).number);
      return found!.header.stateRoot;
    },
    async start(file) {
      const storage = openStorage({ file });
      const sequencer = await createSequencer({
        config: {
          ...{ profile, l1PollMs: 20, sealAfterMs: NEVER_MS, shadow: 0, deploymentBlock },
          operator: { keyY: operator.keyPair.publicKey.y, owner: operator.owner },
          feeTokens: [{ tokenId: 0, minimumFee: 0n }],
        },
        ...{ chain, storage, crypto, clock: systemClock, prover: createSimulatedProver(simulator) },
      });
      return {
        ...{ sequencer, storage },
        async settle() {
          await sequencer.pollL1();
          await sequencer.sealNow();
          await until(() => {
            const { halted, sealedBatch, finalBatch } = sequencer.status();
            if (halted !== undefined) throw halted;
            return sealedBatch === finalBatch;
          }, 'finality');
        },
        async stop() {
          await sequencer.stop();
          storage.close();
        },
      };
    },
    async stop() {
      provider.destroy();
      await l1.stop();
    },
  };
}

interface Owned {
  readonly name: string;
  readonly keyPair: KeyPair;
  readonly owner: bigint;
}
