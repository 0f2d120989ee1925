/** The section of docs/performance.md about payment channels. */

import type { ChannelsResult } from '../../bench/parts/channels/result.ts';
import { type Measured, machineLine, table, thousands } from './table.ts';

/** What payments in channels take, and what closing alone costs. */
export function channelsSection(measured: Measured<ChannelsResult> | undefined): string {
  if (measured === undefined) return '';
  const { pair, hub, hubOnOneDisk, areWalletsInMemory, gas, schedules, violations } = measured.result;
  const row = (name: string, perSecond: number, p50Ms: number, p99Ms: number, cpuMs: number) => [
    name,
    thousands(perSecond),
    p50Ms.toFixed(1),
    p99Ms.toFixed(1),
    cpuMs.toFixed(2),
  ];
  const hubRow = (name: string, one: ChannelsResult['hub']) =>
    row(name, one.perSecond, one.p50Ms, one.p99Ms, one.cpuMsPerPayment);
  return [
    '## Payment channels',
    `\`./dev bench channels --json\`. ${machineLine(measured.machine)}`,
    `Each party is in a process other than those it pays or is paid by, with a database of its own, over WebSockets. A payment counts when both have signed it and it is on the payer's disk. The times of the pair are those under half of what it can do; each begins when the payment is due. Over the hub go payments by HTLCs for invoices that were made before, ${thousands(hub.inFlight)} at a time; of their CPU time ${hub.hubCpuMsPerPayment.toFixed(2)} ms are the hub's. The pair and the hub have their databases on disk. ${areWalletsInMemory ? 'Those of the wallets are in memory, as each wallet has a disk of its own elsewhere, and in the last row on the disk of the hub, for which all of them wait' : 'Those of the wallets are on the same disk'}. All processes share this machine.`,
    table(
      ['', 'payments a second', 'p50 ms', 'p99 ms', 'CPU ms a payment'],
      [
        row(
          'two parties, as many as there can be',
          pair.perSecond,
          pair.closedP50Ms,
          pair.closedP99Ms,
          pair.cpuMsPerPayment,
        ),
        row('two parties, half of that', pair.loadPerSecond, pair.p50Ms, pair.p99Ms, pair.loadCpuMsPerPayment),
        hubRow(`a hub with ${hub.channels} channels`, hub),
        hubRow('the same, wallets on its disk', hubOnOneDisk),
      ],
    ),
    `Gas on L1: ${thousands(gas.lonelyClose)} for a \`close\` with one exit, ${thousands(gas.challenge)} for a \`challenge\`, ${thousands(gas.htlc)} for an HTLC in \`settle\`. In ${thousands(schedules)} random schedules on the contracts, and in these payments, ${violations === 0 ? 'all money is where it should be' : `money was NOT where it should be: ${violations} violations`}.`,
  ].join('\n\n');
}
