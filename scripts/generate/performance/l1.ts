/** The section of docs/performance.md about what transfers cost on L1. */

import type { L1Mode } from '../../bench/parts/l1-modes.ts';
import { type Measured, machineLine, table, thousands } from './table.ts';

/** Each way to L1, a row each. */
export function l1Section(
  measured: Measured<{ readonly modes: Readonly<Record<string, L1Mode>> }> | undefined,
): string {
  if (measured === undefined) return '';
  const heads = [
    'batch',
    'transfers',
    'proofs',
    'blobs',
    'bytes of calldata',
    'gas a transfer',
    'EIP-7976',
    'EIP-8037',
  ];
  const rows = Object.entries(measured.result.modes).map(([name, mode]) => [
    `\`${name}\``,
    thousands(mode.transfers),
    thousands(mode.proofs),
    thousands(mode.blobs),
    thousands(mode.bytes),
    mode.gasPerTransfer.toFixed(1),
    mode.gasPerTransferEip7976.toFixed(1),
    mode.gasPerTransferEip8037.toFixed(1),
  ]);
  return [
    '## On L1',
    `\`./dev bench l1 --json\`. ${machineLine(measured.machine)}`,
    'One batch each, with real proofs, on a local L1: where its records are and in which profile, `asserted` with a bond and no proof. Gas and calldata are those of all transactions until it is final; gas of blobs is paid besides. The last two columns are the same under rules that are announced: EIP-7976, a higher least price of calldata, and EIP-8037, a higher one of new storage.',
    table(heads, rows),
  ].join('\n\n');
}
