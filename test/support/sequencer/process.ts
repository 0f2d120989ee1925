/**
 * A sequencer in a process of its own, to be killed: `node process.ts <settings as JSON>`. Prints its URL. Without settings
 * it has everything loaded, and waits for them as a line on stdin. Proofs come from the Groth16 simulator (a test double).
 */

import { createInterface } from 'node:readline';
import { createProvider, createRollupChain } from '@quittance/chain';
import { PROFILES } from '@quittance/protocol';
import { l1Wallet } from '../../../cli/devnet/people.ts';
import { silentLogger, systemClock } from '../../../runtime/index.ts';
import { createSequencer, startApi } from '../../../sequencer/index.ts';
import { openStorage } from '../../../storage/index.ts';
import { testKzg } from '../blobs/kzg.ts';
import { createGroth16Simulator, createSimulatedProver } from '../contracts/groth16-simulator.ts';
import { createPerson } from '../rollup/person.ts';
import { type KillPoint, killedAt } from '../storage/kill-points.ts';
import { fastCrypto } from './harness.ts';

export interface SequencerProcessSettings {
  readonly file: string;
  readonly l1Url: string;
  readonly contract: string;
  readonly deploymentBlock: number;
  readonly producer: number;
  readonly simulatorSeed: string;
  readonly data: 'calldata' | 'blobs';
  /** It kills itself there. */
  readonly killAt?: KillPoint;
}

const CHAIN_ID = 31_337n;

/** Ends the process where nobody wants it any more. */
async function firstLine(): Promise<string> {
  for await (const line of createInterface({ input: process.stdin })) return line;
  return process.exit(0);
}

const settings = JSON.parse(process.argv[2] ?? (await firstLine())) as SequencerProcessSettings;
const provider = createProvider({ url: settings.l1Url, chainId: CHAIN_ID });
const simulator = createGroth16Simulator(settings.simulatorSeed);
const operator = createPerson('operator');
const sequencer = await createSequencer({
  config: {
    profile: PROFILES.quick,
    operator: { keyY: operator.keyPair.publicKey.y, owner: operator.owner },
    feeTokens: [{ tokenId: 0, minimumFee: 10n }],
    l1PollMs: 30,
    sealAfterMs: 100,
    shadow: 1,
    deploymentBlock: settings.deploymentBlock,
    data: settings.data,
  },
  chain: createRollupChain({
    provider,
    chainId: CHAIN_ID,
    contract: settings.contract,
    signer: l1Wallet(settings.producer).connect(provider),
    clock: systemClock,
    logger: silentLogger,
    transactions: { pollMs: 20 },
  }),
  prover: createSimulatedProver(simulator),
  ...(settings.data === 'blobs' ? { kzg: await testKzg() } : {}),
  storage: killedAt(openStorage({ file: settings.file }), settings.killAt),
  clock: systemClock,
  crypto: fastCrypto(),
});
const { url } = await startApi({ sequencer, clock: systemClock });
process.stdout.write(`${url}\n`);
