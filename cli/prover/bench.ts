/** `quittance prover bench`: what this machine would prove an hour. */

import {
  type Account,
  createKeyPair,
  domainOf,
  FEE_TOKEN_COUNT,
  FEE_TOKEN_FILLER,
  OPERATION_BYTES,
  type PackedTrace,
  PROFILES,
  type ProfileName,
  packOperation,
} from '@quittance/protocol';
import { operationOf, signIntent } from '@quittance/sdk';
import type { Prover } from '../../prover/index.ts';
import type { Values } from '../config/setting.ts';
import { chooseCrypto } from '../crypto.ts';
import type { Context } from '../process/command.ts';
import { warningsOf } from '../process/log.ts';
import { table } from '../process/output.ts';
import { openProver, requireBackend } from './backend.ts';
import type { BENCH_SETTINGS } from './settings.ts';

/** A rollup of nobody's. */
const DOMAIN = domainOf({ chainId: 31_337n, contract: `0x${'00'.repeat(20)}` });
const ACCOUNTS = 16;
const BALANCE = 10n ** 18n;
const CHALLENGE = 2n ** 127n + 1n;
const HOUR_SECONDS = 3_600;

/** A chunk full of signed transfers, executed. */
async function fullChunk(slots: number): Promise<PackedTrace> {
  const { engine, hasher } = chooseCrypto();
  const people = Array.from({ length: ACCOUNTS }, (_, index) => createKeyPair(new Uint8Array(32).fill(index + 1)));
  const account = (index: number): Account => ({
    keyY: people[index]!.publicKey.y,
    owner: BigInt(index + 1),
    tokenId: 0,
    nonce: 0,
    balance: BALANCE,
  });
  const state = engine.createState(people.map((_, index) => [index, account(index)] as const));
  const operations = new Uint8Array(slots * OPERATION_BYTES);
  for (let slot = 0; slot < slots; slot += 1) {
    const [from, to] = [slot % ACCOUNTS, (slot + 1) % ACCOUNTS];
    const receiver = { keyY: people[to]!.publicKey.y, owner: BigInt(to + 1) };
    const common = { from, amount: BigInt(slot + 1), fee: 0n, nonce: Math.floor(slot / ACCOUNTS), validUntil: 0 };
    const signed = signIntent(people[from]!, DOMAIN, { kind: 'transfer', to, receiver, ...common }, hasher);
    operations.set(packOperation(operationOf(signed)), slot * OPERATION_BYTES);
  }
  const feeTokens = [0n, ...Array.from({ length: FEE_TOKEN_COUNT - 1 }, () => FEE_TOKEN_FILLER)];
  const batch = { domain: DOMAIN, batchTime: 1_800_000_000, chunks: [{ operations, feeTokens }] };
  const options = { signatures: 'verified', onInvalid: 'stop', traces: true, commitments: true } as const;
  const { chunks } = await engine.execute(state, batch, options);
  return chunks[0]!.trace!;
}

/** Proves `count` chunks, `concurrency` at once. @returns seconds of each. */
async function time(prover: Prover, trace: PackedTrace, count: number, concurrency: number): Promise<number[]> {
  const seconds: number[] = [];
  let left = count;
  const prove = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const started = performance.now();
      await prover.proveChunk(trace, CHALLENGE);
      seconds.push((performance.now() - started) / 1_000);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, prove));
  return seconds.toSorted((one, other) => one - other);
}

export async function runBench(context: Context, values: Values<typeof BENCH_SETTINGS>): Promise<void> {
  const { output } = context;
  requireBackend(values);
  const profile: ProfileName = values.profile;
  const { slotsPerChunk } = PROFILES[profile];
  const prover = await openProver(context, values, profile, warningsOf(output));
  try {
    const trace = await fullChunk(slotsPerChunk);
    output.say('the first proof, which is not timed');
    await prover.proveChunk(trace, CHALLENGE);
    output.say(`${values.chunks} proofs of ${slotsPerChunk} transfers`);
    const started = performance.now();
    const seconds = await time(prover, trace, values.chunks, values.provingConcurrency);
    const total = (performance.now() - started) / 1_000;
    const view = {
      profile,
      prover: prover.backend,
      slotsPerChunk,
      chunks: values.chunks,
      constraints: prover.constraintCount,
      p50Seconds: seconds[Math.floor(seconds.length / 2)]!,
      proofsPerHour: Math.floor((HOUR_SECONDS * values.chunks) / total),
      transfersPerHour: Math.floor((HOUR_SECONDS * values.chunks * slotsPerChunk) / total),
    };
    output.result(view, () =>
      table([
        ['profile', `${profile}, ${slotsPerChunk} transfers a chunk`],
        ['prover', view.prover],
        ['a proof', `${view.p50Seconds.toFixed(2)} s`],
        ['proofs an hour', String(view.proofsPerHour)],
        ['transfers an hour', String(view.transfersPerHour)],
      ]),
    );
  } finally {
    await prover.close();
  }
}
