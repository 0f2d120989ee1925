/**
 * The sequencer of `./dev bench accept` in its own process: node accept-sequencer-child.ts <SequencerPlan as JSON>. Real parts: its
 * database on disk, the cryptography of `quittance sequencer`, JSON-RPC over TCP. Batches are sealed and executed in optimistic mode
 * and wait for gas that costs nothing, so that nothing is posted.
 */

import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createAssertionChain, createProvider, createRollupChain, createTransactionManager } from '@quittance/chain';
import { ETH_TOKEN_ID, PROFILES } from '@quittance/protocol';
import { chooseCrypto } from '../../../cli/crypto.ts';
import { LOCAL_CHAIN_ID } from '../../../cli/devnet/anvil.ts';
import { localSigner } from '../../../cli/devnet/deploy.ts';
import { PRODUCER_POSITION } from '../../../cli/devnet/people.ts';
import { createLogger, systemClock } from '../../../runtime/index.ts';
import { createSequencer, startApi } from '../../../sequencer/index.ts';
import { openStorage } from '../../../storage/index.ts';
import type { SequencerAnswer, SequencerPlan, SequencerRequest, SequencerSample } from './accept/messages.ts';
import { createWallet } from './accept/wallets.ts';

/** L1 takes a batch for a day; the bench ends long before. */
const PATIENCE_SECONDS = 20 * 3_600;
const DELAY_RESOLUTION_MS = 1;
const SAMPLE_MS = 1_000;

const plan = JSON.parse(process.argv[2]!) as SequencerPlan;
const logger = createLogger({ level: 'warn' });
const provider = createProvider({ url: plan.l1Url, chainId: LOCAL_CHAIN_ID });
const signer = localSigner(provider, PRODUCER_POSITION);
const clock = systemClock;
const manager = createTransactionManager({ provider, signer, clock, logger });
const door = { provider, chainId: LOCAL_CHAIN_ID, contract: plan.contract, signer, clock, logger, manager };
const operator = createWallet('operator');
const sequencer = await createSequencer({
  config: {
    profile: PROFILES[plan.profile],
    mode: 'optimistic',
    data: 'calldata',
    operator: { keyY: operator.keyPair.publicKey.y, owner: operator.owner },
    feeTokens: [{ tokenId: ETH_TOKEN_ID, minimumFee: BigInt(plan.fee) }],
    deploymentBlock: plan.deploymentBlock,
    priceBound: { feePerGas: 0n, feePerBlobGas: 0n, mostSeconds: PATIENCE_SECONDS },
    maxUnpostedTransfers: Number.MAX_SAFE_INTEGER,
  },
  chain: createRollupChain(door),
  assertions: await createAssertionChain(door),
  storage: openStorage({ file: plan.file }),
  clock,
  crypto: chooseCrypto(),
  logger,
});
const api = await startApi({ sequencer, clock, logger, config: { port: 0 } });

let sealedTransfers = 0;
let sealedBatches = 0;
sequencer.events.on('batch', ({ state, transferCount }) => {
  if (state !== 'sealed') return;
  sealedBatches += 1;
  sealedTransfers += transferCount;
});
const delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
const memory: number[] = [];
const sampler = setInterval(() => memory.push(process.memoryUsage.rss()), SAMPLE_MS);

function sample(): SequencerSample {
  const { user, system } = process.cpuUsage();
  const { openTransfers, halted } = sequencer.status();
  if (halted !== undefined) throw halted;
  const ms = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - DELAY_RESOLUTION_MS);
  return {
    atMs: performance.now(),
    ...{ sealedTransfers, sealedBatches, openTransfers },
    cpuSeconds: (user + system) / 1e6,
    memory: [...memory],
    longestBlockMs: ms(delay.max),
    blockP99Ms: ms(delay.percentile(99)),
  };
}

const answer = (message: SequencerAnswer) => process.send!(message);
process.on('message', async (request: SequencerRequest) => {
  if (request === 'begin') {
    memory.length = 0;
    delay.reset();
    delay.enable();
  }
  if (request === 'seal') await sequencer.sealNow();
  if (request === 'look') await sequencer.pollL1();
  answer({ sample: sample() });
});
process.once('disconnect', () => process.exit(0));
sampler.unref();
answer({ url: api.url, domain: String(sequencer.domain) });
