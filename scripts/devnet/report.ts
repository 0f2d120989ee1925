/** The table that `./dev start` prints, and the same as JSON. */

import type { BatchForm, ProfileName } from '@quittance/protocol';
import type { BackendName } from '../../prover/index.ts';
import { counted } from './progress.ts';
import type { ProofTimes } from './rollup.ts';
import type { ScenarioResult } from './scenario.ts';

export interface Report {
  readonly profile: ProfileName;
  readonly mode: 'zk' | 'hybrid';
  readonly prover: BackendName;
  readonly transfers: number;
  readonly chunks: number;
  readonly proofs: number;
  readonly acceptedPerSecond: number;
  readonly sealSeconds: number;
  /** Of all chunks of the batch of transfers, one after the other. */
  readonly witnessSeconds: number;
  readonly proveSeconds: number;
  readonly proveSecondsPerChunk: number;
  /** From sealing to the data on L1. */
  readonly postedSeconds: number;
  /** From sealing to finality on L1. */
  readonly finalSeconds: number;
  /** How long it would have waited without proofs; null in mode zk, where nothing is final without them. */
  readonly challengePeriodSeconds: number | null;
  /** Gas of the batch of transfers, everything included. */
  readonly gasTotal: number;
  readonly gasPerTransfer: number;
  /** Where the records of that batch are. */
  readonly form: BatchForm;
  readonly blobs: number;
  /** Wei. */
  readonly blobFee: string;
  /** Record bytes of one transfer. */
  readonly dataBytesPerTransfer: number;
  readonly dataBytes: {
    readonly records: number;
    readonly feesAndNoops: number;
    readonly visible: number;
    readonly proofs: number;
    readonly authorizations: number;
    readonly headerAndEncoding: number;
  };
  readonly gasAllBatches: number;
  readonly batches: number;
  readonly claims: number;
  readonly gasPerClaim: number;
  readonly stateRootL1: string;
  readonly stateRootL2: string;
  readonly final: boolean;
}

const round = (value: number, digits = 2) => Number(value.toFixed(digits));
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** How the rollup was run. */
export interface Setting {
  readonly profile: ProfileName;
  readonly prover: BackendName;
  readonly mode: 'zk' | 'hybrid';
  readonly challengePeriodSeconds: number | undefined;
}

export function createReport(
  { profile, prover, mode, challengePeriodSeconds }: Setting,
  { wallets, sealSeconds, main, batches, claims, stateRootL1, stateRootL2, secondsToFinal }: ScenarioResult,
  proofTimes: readonly ProofTimes[],
): Report {
  // Chunks are proven in order: those of the batches before the main one come first.
  const before = sum(batches.filter(({ number }) => number < main.number).map(({ chunks }) => chunks));
  const times = proofTimes.slice(before, before + main.chunks);
  const witnessSeconds = sum(times.map(({ witness }) => witness));
  const proveSeconds = sum(times.map(({ witness, prove, verify }) => witness + prove + verify));
  const recordBytes = main.form === 'calldata' ? main.recordBytes : 0;
  const contentBytes = recordBytes + main.visibleBytes + main.proofBytes + main.authorizationBytes;
  const transferRecordBytes = (main.recordBytes / main.slots) * main.transfers;
  return {
    profile,
    mode,
    prover,
    transfers: main.transfers,
    chunks: main.chunks,
    proofs: main.chunks,
    acceptedPerSecond: Math.round(wallets.accepted / wallets.seconds),
    sealSeconds: round(sealSeconds),
    witnessSeconds: round(witnessSeconds),
    proveSeconds: round(proveSeconds),
    proveSecondsPerChunk: round(proveSeconds / main.chunks),
    postedSeconds: round(main.secondsToPosted),
    finalSeconds: round(secondsToFinal),
    challengePeriodSeconds: challengePeriodSeconds ?? null,
    gasTotal: Number(main.gas),
    gasPerTransfer: round(Number(main.gas) / main.transfers, 1),
    form: main.form,
    blobs: main.blobs,
    blobFee: main.blobFee.toString(),
    dataBytesPerTransfer: round(transferRecordBytes / main.transfers, 1),
    dataBytes: {
      records: main.recordBytes,
      feesAndNoops: main.feeAndNoopBytes,
      visible: main.visibleBytes,
      proofs: main.proofBytes,
      authorizations: main.authorizationBytes,
      headerAndEncoding: main.calldataBytes - contentBytes,
    },
    gasAllBatches: sum(batches.map(({ gas }) => Number(gas))),
    batches: batches.length,
    claims: claims.count,
    gasPerClaim: Math.round(Number(claims.gas) / claims.count),
    stateRootL1: `0x${stateRootL1.toString(16).padStart(64, '0')}`,
    stateRootL2: `0x${stateRootL2.toString(16).padStart(64, '0')}`,
    final: stateRootL1 === stateRootL2,
  };
}

/** The table, for people. */
export function formatReport(report: Report): string {
  const { dataBytes } = report;
  const rows: readonly (readonly [string, string])[] = [
    [
      'transfers in the batch',
      `${report.transfers}, ${counted(report.chunks, 'chunk')}, ${counted(report.proofs, 'proof')}`,
    ],
    ['accepted per second', `${report.acceptedPerSecond} (durable, over JSON-RPC)`],
    ['sealed in', `${report.sealSeconds} s`],
    ['witnesses', `${report.witnessSeconds} s`],
    [
      'proving',
      `${report.proveSecondsPerChunk} s a chunk, ${report.proveSeconds} s in all (${report.prover}, witness and check included)`,
    ],
    ['sealed to posted', `${report.postedSeconds} s${report.mode === 'hybrid' ? ' (asserted, with a bond)' : ''}`],
    [
      'sealed to final',
      `${report.finalSeconds} s${report.mode === 'hybrid' ? ` (by proof; the challenge period is ${report.challengePeriodSeconds} s)` : ''}`,
    ],
    [
      'L1 gas of the batch',
      `${report.gasTotal.toLocaleString('en')} in all, ${report.gasPerTransfer.toLocaleString('en')} per transfer`,
    ],
    ['record bytes per transfer', `${report.dataBytesPerTransfer}`],
    [
      'bytes on L1',
      `records ${dataBytes.records} in ${report.blobs === 0 ? 'calldata' : counted(report.blobs, 'blob')} (of these fees and noops ${dataBytes.feesAndNoops}), visible list ${dataBytes.visible}, proofs ${dataBytes.proofs}, signatures ${dataBytes.authorizations}, header and encoding ${dataBytes.headerAndEncoding}`,
    ],
    ['L1 gas of all batches', `${report.gasAllBatches.toLocaleString('en')} in ${report.batches} batches`],
    ['withdrawals claimed', `${report.claims}, ${report.gasPerClaim.toLocaleString('en')} gas each`],
    ['state root on L1', report.stateRootL1],
    ['state root on L2', report.stateRootL2],
    ['final', report.final ? 'yes' : 'NO'],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n');
}
