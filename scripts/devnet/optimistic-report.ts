/** The table that `./dev start --mode optimistic` prints, and the same as JSON. */

import type { ProfileName } from '@quittance/protocol';
import { formatEther } from 'ethers';
import type { Timeline } from './lie-timeline.ts';
import type { OptimisticResult } from './optimistic-scenario.ts';
import { counted } from './progress.ts';

export interface OptimisticReport {
  readonly profile: ProfileName;
  readonly mode: 'optimistic';
  readonly transfers: number;
  readonly periodsSeconds: { readonly challenge: number; readonly answer: number; readonly step: number };
  /** Seconds after the lie was asserted. */
  readonly secondsToDetection: number;
  readonly secondsToRejection: number;
  readonly lie: {
    readonly batch: number;
    readonly chunk: number;
    readonly slot: number;
    readonly stolen: string;
    readonly gas: number;
    readonly timeline: Timeline;
  };
  /** The watcher's transactions. */
  readonly transactions: number;
  readonly gas: number;
  readonly gasByStep: Readonly<Record<string, number>>;
  /** Wei, decimal. */
  readonly bonds: {
    readonly lostByLiar: string;
    /** Who showed the lie; null when nobody did. */
    readonly winner: string | null;
    readonly isOurWatcher: boolean;
    readonly gainedByWinner: string;
    readonly burned: string;
    readonly lostByHonest: string;
  };
  readonly honest: {
    readonly batch: number;
    readonly assertGas: number;
    readonly finalizeGas: number;
    readonly gasPerTransfer: number;
    readonly blobs: number;
    readonly secondsToFinal: number;
    readonly disputes: number;
    readonly batches: number;
  };
  readonly claims: number;
  readonly gasPerClaim: number;
  readonly stateRootL1: string;
  readonly stateRootL2: string;
  readonly final: boolean;
}

const round = (value: number, digits = 1) => Number(value.toFixed(digits));
const hex = (root: bigint) => `0x${root.toString(16).padStart(64, '0')}`;

export function createOptimisticReport(profile: ProfileName, result: OptimisticResult): OptimisticReport {
  const { terms, wallets, lie, moves, watcher, events, honest, claims, stateRootL1, stateRootL2 } = result;
  const { assertionBond } = terms;
  const disputes = events.filter(({ type }) => type === 'disputed');
  const onLie = disputes.filter((event) => event.type === 'disputed' && event.assertionId === lie.assertionId);
  const rejected = events.filter((event) => event.type === 'rejected');
  const harmed = rejected.filter((event) => event.type === 'rejected' && event.assertionId !== lie.assertionId);
  const rejection = rejected.find((event) => event.type === 'rejected' && event.assertionId === lie.assertionId);
  const winner = rejection?.type === 'rejected' ? rejection.winner : undefined;
  return {
    profile,
    mode: 'optimistic',
    transfers: wallets.accepted,
    periodsSeconds: {
      challenge: terms.challengePeriodSeconds,
      answer: terms.answerWindowSeconds,
      step: terms.stepWindowSeconds,
    },
    secondsToDetection: round(lie.timeline.disputed ?? Number.NaN),
    secondsToRejection: round(lie.timeline.rejected ?? Number.NaN),
    lie: {
      batch: lie.number,
      chunk: lie.lie.chunk,
      slot: lie.lie.slot,
      stolen: lie.lie.amount.toString(),
      gas: lie.gas,
      timeline: Object.fromEntries(Object.entries(lie.timeline).map(([type, seconds]) => [type, round(seconds)])),
    },
    transactions: moves.length,
    gas: moves.reduce((sum, { gas }) => sum + gas, 0),
    gasByStep: Object.fromEntries(moves.map(({ type, gas }) => [type, gas])),
    bonds: {
      lostByLiar: assertionBond.toString(),
      winner: winner ?? null,
      isOurWatcher: winner !== undefined && winner === watcher,
      gainedByWinner: (winner === undefined ? 0n : assertionBond / 2n).toString(),
      burned: (assertionBond - assertionBond / 2n).toString(),
      lostByHonest: (BigInt(harmed.length) * assertionBond).toString(),
    },
    honest: {
      batch: honest.number,
      assertGas: honest.assertGas,
      finalizeGas: honest.finalizeGas,
      gasPerTransfer: round((honest.assertGas + honest.finalizeGas) / wallets.accepted),
      blobs: honest.blobs,
      secondsToFinal: round(result.secondsToFinal),
      disputes: disputes.length - onLie.length,
      batches: result.batches,
    },
    claims: claims.count,
    gasPerClaim: Math.round(Number(claims.gas) / claims.count),
    stateRootL1: hex(stateRootL1),
    stateRootL2: hex(stateRootL2),
    // Whoever overturned the lie: anybody may watch.
    final: stateRootL1 === stateRootL2 && harmed.length === 0 && winner !== undefined,
  };
}

/** Who overturned the lie. */
function winnerText({ winner, isOurWatcher }: OptimisticReport['bonds']): string {
  if (winner === null) return 'nobody';
  return isOurWatcher ? 'the watcher' : `another watcher (${winner})`;
}

/** The table, for people. */
export function formatOptimisticReport(report: OptimisticReport): string {
  const { lie, bonds, honest, periodsSeconds } = report;
  const number = (value: number) => value.toLocaleString('en');
  const ether = (wei: string) => `${formatEther(wei)} ETH`;
  const steps = Object.entries(report.gasByStep).map(([type, gas]) => `${type} ${number(gas)}`);
  const rows: readonly (readonly [string, string])[] = [
    [
      'periods',
      `challenge ${periodsSeconds.challenge} s, answer ${periodsSeconds.answer} s, step ${periodsSeconds.step} s`,
    ],
    ['the lie', `batch ${lie.batch}, chunk ${lie.chunk}, slot ${lie.slot}, among ${report.transfers} transfers`],
    ['detected and disputed after', `${report.secondsToDetection} s`],
    ['rejected after', `${report.secondsToRejection} s`],
    ["the watcher's transactions", `${report.transactions}, ${number(report.gas)} gas: ${steps.join(', ')}`],
    [
      'bonds',
      `the liar lost ${ether(bonds.lostByLiar)}: ${ether(bonds.gainedByWinner)} to ${winnerText(bonds)}, ${ether(bonds.burned)} burned; ` +
        `honest producers lost ${ether(bonds.lostByHonest)}`,
    ],
    ['honest batches', `${honest.batches} final, ${honest.disputes} disputed`],
    ['asserted to final', `${honest.secondsToFinal} s for the ${report.transfers} transfers`],
    [
      'L1 gas of that batch',
      `${number(honest.assertGas)} to assert, ${number(honest.finalizeGas)} to make final, ${number(honest.gasPerTransfer)} per transfer`,
    ],
    ['its records and signatures', honest.blobs === 0 ? 'in calldata' : `in ${counted(honest.blobs, 'blob')}`],
    ['withdrawals claimed', `${report.claims}, ${number(report.gasPerClaim)} gas each`],
    ['state root on L1', report.stateRootL1],
    ['state root on L2', report.stateRootL2],
    ['final', report.final ? 'yes' : 'NO'],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n');
}
