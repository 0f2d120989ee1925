/** Where a devnet keeps what it is made of, and whether what is there can be gone on from. */

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { UsageError } from '../process/errors.ts';
import type { DeployedRollup } from './deploy.ts';
import type { DevnetValues } from './settings.ts';

/** Settings that are fixed by the contracts that were deployed. */
const FIXED = ['profile', 'mode', 'data', 'lie'] as const;
type Fixed = Pick<DevnetValues, (typeof FIXED)[number]>;

/** What an earlier run deployed; that of an earlier version had no channels. */
export type KeptRollup = Omit<DeployedRollup, 'channels'> & Partial<Pick<DeployedRollup, 'channels'>>;

/** What an earlier run left. */
interface Kept extends Fixed {
  readonly deployed: KeptRollup;
}

/** Files of a devnet. */
export interface DevnetFolder {
  readonly path: string;
  /** Whether it outlives the devnet. */
  readonly isKept: boolean;
  /** anvil's state; undefined where nothing is kept. */
  readonly l1State: string | undefined;
  readonly database: string;
  readonly watcherDatabase: string;
  /** What an earlier run deployed. */
  readonly deployed: KeptRollup | undefined;
  /** Notes what was deployed: from now on the next run goes on from it. */
  note(deployed: DeployedRollup): void;
  /** Removes what is not kept. */
  close(): void;
}

function readKept(file: string): Kept | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Kept;
  } catch {
    throw new UsageError(`${file} cannot be read: it is no devnet’s. Give --state another folder`);
  }
}

function requireSame(kept: Kept, values: Fixed, folder: string): void {
  for (const name of FIXED) {
    if (kept[name] === values[name]) continue;
    throw new UsageError(
      `${folder} holds a devnet with ${name} ${kept[name]}, and this one would have ${values[name]}: ` +
        'give the same, or --state another folder',
    );
  }
}

/** Opens the folder of --state, or a temporary one. @throws UsageError when another devnet is in it. */
export function openFolder(values: Fixed & Pick<DevnetValues, 'state'>): DevnetFolder {
  const { state, profile, mode, data, lie } = values;
  const isKept = state !== undefined;
  const path = isKept ? resolve(state) : mkdtempSync(join(tmpdir(), 'quittance-devnet-'));
  mkdirSync(path, { recursive: true });
  const file = join(path, 'devnet.json');
  const kept = readKept(file);
  if (kept !== undefined) requireSame(kept, values, path);
  return {
    path,
    isKept,
    l1State: isKept ? join(path, 'l1.json') : undefined,
    database: join(path, 'sequencer.db'),
    watcherDatabase: join(path, 'watcher.db'),
    deployed: kept?.deployed,
    note(deployed) {
      if (isKept) writeFileSync(file, `${JSON.stringify({ profile, mode, data, lie, deployed }, null, 2)}\n`);
    },
    close() {
      if (!isKept) rmSync(path, { recursive: true, force: true });
    },
  };
}
