/** Reads the names of a circuit's signals (.sym). */

import { readFile } from 'node:fs/promises';
import { invariantBroken } from '@quittance/protocol';
import { damaged } from '../damaged.ts';

/**
 * Signal name (without the leading `main.`) → wire, as circom's .sym file says; −1 stands for a signal that the
 * optimizer removed.
 */
export type SymbolTable = ReadonlyMap<string, number>;

/** Reads a .sym file: lines of label, wire, component, name. @throws RollupError ARTIFACT_DAMAGED. */
export async function readSymbols(path: string): Promise<SymbolTable> {
  const symbols = new Map<string, number>();
  for (const [index, line] of (await readFile(path, 'utf8')).split('\n').entries()) {
    if (line === '') continue;
    const [, wire, , name] = line.split(',');
    const wireIndex = Number(wire);
    if (!name || !Number.isSafeInteger(wireIndex)) {
      throw damaged(path, `line ${index + 1} is not a symbol: ${line}`, { line: index + 1 });
    }
    symbols.set(name.replace(/^main\./, ''), wireIndex);
  }
  return symbols;
}

/**
 * Names of the interface: index w − 1 names wire w, for w from 1 to `count`.
 *
 * @throws RollupError INVARIANT_BROKEN when an interface wire has no name of its own: circom names each.
 */
export function interfaceNames(symbols: SymbolTable, count: number): readonly string[] {
  const names: (string | undefined)[] = new Array(count).fill(undefined);
  for (const [name, wire] of symbols) {
    if (wire >= 1 && wire <= count && !name.includes('.')) names[wire - 1] ??= name;
  }
  const missing = names.indexOf(undefined);
  if (missing >= 0) throw invariantBroken(`interface wire ${missing + 1} has no name`, { wire: missing + 1 });
  return names as string[];
}
