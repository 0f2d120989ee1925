import { strict as assert } from 'node:assert';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import {
  type BatchSubmission,
  createBeaconOrigin,
  createBlobSource,
  createProvider,
  createRollupReader,
  type RollupReader,
  type WithBlobs,
  withBlobs,
} from '@quittance/chain';
import { PROFILES } from '@quittance/protocol';
import { signIntent } from '@quittance/sdk';
import type { JsonRpcProvider } from 'ethers';
import { startAnvil } from '../../cli/devnet/anvil.ts';
import { deployLocally } from '../../cli/devnet/deploy.ts';
import { l1Wallet } from '../../cli/devnet/people.ts';
import { silentLogger } from '../../runtime/index.ts';
import { testKzg } from '../support/blobs/kzg.ts';
import { createL1 } from '../support/contracts/deployment.ts';
import { createGroth16Simulator } from '../support/contracts/groth16-simulator.ts';
import { rollupAt } from '../support/contracts/types.ts';
import { depositFor } from '../support/l1/deposits.ts';
import { createRandom } from '../support/property/random.ts';
import { createPerson } from '../support/rollup/person.ts';
import { fastCrypto } from '../support/sequencer/harness.ts';
import type { SequencerProcessSettings } from '../support/sequencer/process.ts';
import { replaySubmissions } from '../support/sequencer/replay.ts';
import { rpc, transferJson } from '../support/sequencer/rpc.ts';
import { until } from '../support/until.ts';

const CHAIN_ID = 31_337n;
const SEED = process.env['QUITTANCE_TEST_SEED'] ?? 'kill';
const TRANSFERS = 40;
const KILLS = 3;

for (const data of ['calldata', 'blobs'] as const)
  describe(`Sequencer: killed with SIGKILL, data in ${data}`, () => {
    const crypto = fastCrypto();
    const people = ['alice', 'bob', 'carol'].map(createPerson);
    let directory: string;
    let l1: { url: string; stop(): Promise<void> };
    let provider: JsonRpcProvider;
    let reader: RollupReader;
    let settings: SequencerProcessSettings;
    let child: ChildProcess | undefined;

    const start = async (): Promise<string> => {
      const script = fileURLToPath(new URL('../support/sequencer/process.ts', import.meta.url));
      child = spawn(process.execPath, [script, JSON.stringify(settings)], { stdio: ['ignore', 'pipe', 'inherit'] });
      for await (const line of createInterface({ input: child.stdout! })) return line;
      throw new Error('the sequencer did not start');
    };
    const kill = async (): Promise<void> => {
      const ended = new Promise((resolve) => child!.once('exit', resolve));
      child!.kill('SIGKILL');
      await ended;
    };

    before(async function () {
      this.timeout(120_000);
      await createL1(); // compiles
      directory = mkdtempSync(join(tmpdir(), 'quittance-kill-'));
      l1 = await startAnvil();
      provider = createProvider({ url: l1.url, chainId: CHAIN_ID });
      const deployed = await deployLocally(provider, PROFILES.quick, createGroth16Simulator(SEED).verifyingKey, {
        blobsAllowed: data === 'blobs',
      });
      reader = createRollupReader({ provider, chainId: CHAIN_ID, contract: deployed.contract });
      settings = {
        file: join(directory, 'sequencer.db'),
        l1Url: l1.url,
        contract: deployed.contract,
        deploymentBlock: deployed.block,
        producer: 1,
        simulatorSeed: SEED,
        data,
      };
      const contract = rollupAt(deployed.contract, l1Wallet(5).connect(provider));
      for (const person of [createPerson('operator'), ...people]) await depositFor(contract, person, 1_000_000n);
    });
    after(async () => {
      if (child?.exitCode === null && child.signalCode === null) await kill();
      provider?.destroy();
      await l1?.stop();
      rmSync(directory, { recursive: true, force: true });
    });

    it(`loses no acknowledged transfer and executes none twice (QUITTANCE_TEST_SEED="${SEED}")`, async function () {
      this.timeout(120_000);
      const random = createRandom(SEED);
      const killAt = new Set(Array.from({ length: KILLS }, () => 5 + random.below(TRANSFERS - 10)));
      let url = await start();
      const { domain } = await reader.connect();
      const balances = new Map(people.map((_, position) => [position + 1, 1_000_000n]));
      const nonces = new Map<number, number>();
      const acknowledged: string[] = [];

      /** Sends until it is acknowledged, to whatever process runs. */
      const send = async (transfer: object): Promise<{ id: string }> => {
        let acknowledgement: { id: string } | undefined;
        await until(async () => {
          try {
            const { body } = await rpc(url, 'rollup_sendTransfer', { transfer });
            acknowledgement = body.result as { id: string } | undefined;
            if (body.error !== undefined && body.error.data?.['reason'] !== 'SENDER_EMPTY') {
              throw new Error(JSON.stringify(body.error));
            }
          } catch (error) {
            if (!(error instanceof TypeError)) throw error; // fetch found nobody
          }
          return acknowledgement !== undefined;
        }, 'the acknowledgement');
        return acknowledgement!;
      };

      for (let i = 0; i < TRANSFERS; i++) {
        const from = 1 + random.below(people.length);
        const to = 1 + ((from + random.below(people.length - 1)) % people.length);
        const [sender, receiver] = [people[from - 1]!, people[to - 1]!];
        const amount = BigInt(1 + random.below(1_000));
        const nonce = nonces.get(from) ?? 0;
        const signed = signIntent(
          sender.keyPair,
          domain,
          {
            kind: 'transfer',
            from,
            to,
            receiver: { keyY: receiver.keyPair.publicKey.y, owner: receiver.owner },
            amount,
            fee: 10n,
            nonce,
            validUntil: 0,
          },
          crypto.hasher,
        );
        const sending = send(transferJson(signed));
        if (killAt.has(i)) {
          // Somewhere between its arrival and some time after its acknowledgement.
          await new Promise((resolve) => setTimeout(resolve, random.below(120)));
          await kill();
          url = await start();
        }
        const { id } = await sending;
        assert.equal(id, String(signed.id));
        acknowledged.push(id);
        nonces.set(from, nonce + 1);
        balances.set(from, balances.get(from)! - amount - 10n);
        balances.set(to, balances.get(to)! + amount);
      }

      const isFinal = async (): Promise<boolean> => {
        const { body } = await rpc(url, 'rollup_syncStatus');
        const status = body.result as {
          openTransfers: number;
          unpostedTransfers: number;
          sealedBatch: number;
          finalBatch: number;
          halted: unknown;
        };
        assert.equal(status.halted, null);
        return status.unpostedTransfers === 0 && status.sealedBatch === status.finalBatch;
      };
      const explain = async () => JSON.stringify((await rpc(url, 'rollup_syncStatus')).body);
      await until(isFinal, 'finality', { explain });
      for (const id of acknowledged) {
        const { body } = await rpc(url, 'rollup_getTransaction', { id });
        assert.equal((body.result as { status: string }).status, 'final');
      }

      // L1 alone tells the same: every transfer once, and the balances that follow from what was acknowledged.
      const head = await reader.head();
      const batches = (await reader.finalizedBatches(settings.deploymentBlock, head.number)).slice(1);
      const origins = [createBeaconOrigin({ url: settings.l1Url })];
      const source = createBlobSource({ origins, kzg: await testKzg(), logger: silentLogger });
      const submissions: WithBlobs<BatchSubmission>[] = [];
      for (const { transactionHash, blockNumber } of batches) {
        const submission = await reader.submission(transactionHash);
        submissions.push(await withBlobs({ reader, source }, submission, blockNumber));
      }
      const { state, records } = replaySubmissions(submissions, PROFILES.quick, {
        chainId: CHAIN_ID,
        contract: settings.contract,
      });
      assert.equal(records.flat(2).filter(({ fields }) => fields.kind === 1).length, TRANSFERS);
      for (const [index, balance] of balances) assert.equal(state.get(index)?.balance, balance);
      assert.equal(state.get(0)?.balance, 1_000_000n + 10n * BigInt(TRANSFERS));
    });
  });
