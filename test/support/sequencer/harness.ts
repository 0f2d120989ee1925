/** A sequencer on a real database with a fake L1, a fake prover and a manual clock. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Kzg } from '@quittance/chain';
import { createPortableVerifier, type Groth16Proof, PROFILES, type Profile, RollupError } from '@quittance/protocol';
import { type Intent, type SignedTransfer, signIntent } from '@quittance/sdk';
import { chooseCrypto } from '../../../cli/crypto.ts';
import {
  type Acknowledgement,
  type BatchProver,
  createSequencer,
  type Fleet,
  type Sequencer,
  type SequencerCrypto,
  type SequencerSettings,
  type TransferRequest,
} from '../../../sequencer/index.ts';
import { openStorage, type Storage } from '../../../storage/index.ts';
import { createManualClock, type ManualClock } from '../manual-clock.ts';
import { createPerson, type Person } from '../rollup/person.ts';
import { createFakeAssertions, type FakeAssertions } from './fake-assertions.ts';
import { createFakeChain, type FakeChain } from './fake-chain.ts';
import { createFakeKzg } from './fake-kzg.ts';

const START_SECONDS = 1_800_000_000;

/** The fastest cryptography that is there, but for one signature at a time. */
export function fastCrypto(): SequencerCrypto {
  const chosen = chooseCrypto();
  return { ...chosen, verifier: createPortableVerifier(chosen.hasher) };
}

/** A prover that proves nothing; it can be told to wait or to fail. */
export interface FakeProver extends BatchProver {
  readonly proven: readonly { oldRoot: bigint; newRoot: bigint; challenge: bigint }[];
  /** While held, proofs do not end. */
  hold(): void;
  release(): void;
  /** The next `count` proofs fail. */
  failNext(count: number): void;
}

export const DUMMY_PROOF: Groth16Proof = {
  a: [1n, 2n],
  b: [
    [3n, 4n],
    [5n, 6n],
  ],
  c: [7n, 8n],
};

export function createFakeProver(): FakeProver {
  const proven: { oldRoot: bigint; newRoot: bigint; challenge: bigint }[] = [];
  let gate: { promise: Promise<void>; open: () => void } | undefined;
  let failures = 0;
  return {
    proven,
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>();
      gate = { promise, open: resolve };
    },
    release() {
      gate?.open();
      gate = undefined;
    },
    failNext(count) {
      failures = count;
    },
    async proveChunk(trace, challenge, options = {}) {
      if (gate !== undefined) {
        const { signal } = options;
        await Promise.race([
          gate.promise,
          new Promise<never>((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error))),
        ]);
      }
      options.signal?.throwIfAborted();
      if (failures > 0) {
        failures -= 1;
        throw new RollupError('PROVING_FAILED', 'the fake prover was told to fail', { reason: 'told to' });
      }
      proven.push({ oldRoot: trace.oldRoot, newRoot: trace.newRoot, challenge });
      return { proof: DUMMY_PROOF };
    },
    verifyChunk: async (_trace, _challenge, proof) => isDeepStrictEqual(proof, DUMMY_PROOF),
  };
}

export interface Harness {
  readonly directory: string;
  readonly file: string;
  readonly chain: FakeChain;
  readonly assertions: FakeAssertions;
  readonly prover: FakeProver;
  readonly clock: ManualClock;
  readonly operator: Person;
  /** Its methods can be replaced. */
  readonly kzg: { -readonly [Method in keyof Kzg]: Kzg[Method] };
  sequencer: Sequencer;
  storage: Storage;
  /** Stops (or, for a crash, just abandons) the sequencer and starts one on the same file. */
  restart(settings?: Partial<SequencerSettings>): Promise<void>;
  /** Opens the database, which must be closed, and starts. */
  reopen(settings?: Partial<SequencerSettings>): Promise<void>;
  /** Moves time and lets work happen until the condition holds. @throws after a bounded number of steps. */
  until(condition: () => boolean, what?: string): Promise<void>;
  /** Seals what is there, and waits until all of it is final. */
  settle(): Promise<void>;
  /** A person with a funded account that is in a final batch. */
  fund(person: Person, tokenId: number, amount: bigint): Promise<number>;
  indexOf(person: Person, tokenId?: number): number;
  sign(person: Person, intent: Intent): SignedTransfer;
  send(person: Person, intent: Intent): Promise<Acknowledgement>;
  close(): Promise<void>;
}

/** The request that a wallet makes of a signed transfer. */
export function requestOf({ intent, authorization }: SignedTransfer): TransferRequest {
  const { from, amount, fee, nonce } = intent;
  const common = { from, amount, fee, nonce, authorization };
  if (intent.kind === 'transfer') return { kind: 'transfer', to: intent.to, ...common };
  if (intent.kind === 'transferToNew') {
    return { kind: 'transferToNew', toKeyY: intent.receiver.keyY, toOwner: intent.receiver.owner, ...common };
  }
  if (intent.kind === 'withdraw') return { kind: 'withdraw', ...common };
  return { kind: 'move', destination: intent.destination, toKeyY: intent.keyY, ...common };
}

export interface HarnessOptions {
  readonly profile?: Profile;
  /** Whether the deployment allows blobs. */
  readonly blobsAllowed?: boolean;
  readonly settings?: Partial<SequencerSettings>;
  readonly crypto?: SequencerCrypto;
  /** Put around the storage after each opening. */
  readonly wrapStorage?: (storage: Storage) => Storage;
  /** Other machines that prove, made anew at each start. */
  readonly fleet?: (directory: string, clock: ManualClock) => Fleet;
  /** Whether this process only judges proofs. */
  readonly isProvenByOthers?: boolean;
  /** Whether the operator gets fee accounts in tokens 0 and 1 first. */
  readonly withFeeAccounts?: boolean;
}

/** Starts a sequencer on an empty database. */
export async function createHarness(options: HarnessOptions = {}): Promise<Harness> {
  const { profile = PROFILES.quick, crypto = fastCrypto(), withFeeAccounts = true } = options;
  const wrap = options.wrapStorage ?? ((storage: Storage) => storage);
  const directory = mkdtempSync(join(tmpdir(), 'quittance-sequencer-'));
  const file = join(directory, 'sequencer.db');
  const clock = createManualClock(START_SECONDS * 1_000);
  const { blobsAllowed = false } = options;
  const chain = createFakeChain({ profile, startTime: START_SECONDS - 1_000, blobsAllowed });
  const kzg = createFakeKzg();
  const assertions = createFakeAssertions(chain, profile);
  const prover = createFakeProver();
  const operator = createPerson('operator');
  const base: SequencerSettings = {
    profile,
    operator: { keyY: operator.keyPair.publicKey.y, owner: operator.owner },
    feeTokens: [
      { tokenId: 0, minimumFee: 10n },
      { tokenId: 1, minimumFee: 0n },
    ],
    shadow: 1,
    // The clock stands still: nothing would end the wait of a transfer behind a gap.
    gaps: { waitMs: 0, perAccount: 64, total: 4_096 },
    ...options.settings,
  };
  const start = (storage: Storage, settings: Partial<SequencerSettings> = {}): Promise<Sequencer> =>
    createSequencer({
      ...{ config: { ...base, ...settings }, chain, assertions, kzg, storage, clock, crypto },
      prover: options.isProvenByOthers === true ? { verifyChunk: prover.verifyChunk } : prover,
      ...(options.fleet === undefined ? {} : { fleet: options.fleet(directory, clock), payoutKey: operator.keyPair }),
    });

  let storage = wrap(openStorage({ file }));
  const sequencer = await start(storage).catch((error: unknown) => {
    // A crash that a test planned may come as early as this; any other error comes again.
    if (options.wrapStorage === undefined) throw error;
    storage.close();
    storage = wrap(openStorage({ file }));
    return start(storage);
  });
  const harness: Harness = {
    directory,
    file,
    chain,
    assertions,
    prover,
    clock,
    operator,
    kzg,
    storage,
    sequencer,
    async restart(settings) {
      await harness.sequencer.stop();
      harness.storage.close();
      await harness.reopen(settings);
    },
    async reopen(settings) {
      harness.storage = wrap(openStorage({ file }));
      harness.sequencer = await start(harness.storage, settings);
    },
    async until(condition, what = 'the condition') {
      for (let step = 0; step < 2_400; step++) {
        if (condition()) return;
        await clock.advance(100);
        // Mostly that is enough; on a busy machine other threads, which keep no clock of ours, are given time.
        if (step >= 400) await new Promise((resolve) => setTimeout(resolve, 10));
      }
      const { halted, trouble, ...status } = harness.sequencer.status();
      const why = `${halted?.message ?? ''} ${trouble?.message ?? ''}`;
      throw new Error(`${what} did not come true: ${JSON.stringify(status)} ${why}`, { cause: halted });
    },
    async settle() {
      await harness.sequencer.sealNow();
      await harness.until(() => {
        const { openTransfers, sealedBatch, finalBatch } = harness.sequencer.status();
        return openTransfers === 0 && sealedBatch === finalBatch;
      }, 'finality');
    },
    async fund(person, tokenId, amount) {
      chain.deposit(person.keyPair.publicKey.y, person.owner, tokenId, amount);
      const { sequencer } = harness;
      const count = sequencer.status().priorityOperations;
      await harness.until(() => sequencer.status().priorityOperations > count, 'the deposit');
      await sequencer.sealNow();
      await harness.until(() => sequencer.status().finalBatch === sequencer.status().sealedBatch, 'finality');
      return harness.indexOf(person, tokenId);
    },
    indexOf(person, tokenId = 0) {
      const found = harness.sequencer.queries
        .accountsOf(person.owner, 'latest', 100, -1)
        .find(({ account }) => account.tokenId === tokenId && account.keyY === person.keyPair.publicKey.y);
      if (found === undefined) throw new Error(`${person.name} has no account in token ${tokenId}`);
      return found.index;
    },
    sign: (person, intent) => signIntent(person.keyPair, harness.sequencer.domain, intent, crypto.hasher),
    send: (person, intent) => harness.sequencer.submit(requestOf(harness.sign(person, intent))),
    async close() {
      prover.release();
      await harness.sequencer.stop();
      harness.storage.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
  if (withFeeAccounts) {
    await harness.fund(operator, 0, 1_000n);
    await harness.fund(operator, 1, 1_000n);
  }
  return harness;
}
