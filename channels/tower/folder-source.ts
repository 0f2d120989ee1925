/** States in files that others put into a folder: read again when they change, and none believed that both did not sign. */

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { RollupError } from '@quittance/protocol';
import type { StateJudge } from './candidates.ts';
import { decodeWatchedState } from './exported.ts';
import type { SourceProblem, StateSource, WatchedState } from './types.ts';

/** Files of a folder that are read; more are told. */
const MOST_FILES = 10_000;
/** A state with 64 HTLCs and 1,024 secrets takes less. */
const MOST_BYTES = 262_144;

/** A file as it was read last. */
interface Known {
  /** What says that it is still the same. */
  readonly stamp: string;
  readonly outcome: WatchedState | SourceProblem;
}

/** The files of a folder, or one file. */
function filesOf(path: string): readonly string[] {
  try {
    if (!statSync(path).isDirectory()) return [path];
    const names = readdirSync(path).filter((name) => name.endsWith('.json'));
    return names.toSorted().map((name) => join(path, name));
  } catch (error) {
    const message = `the states in ${path} cannot be read: ${(error as Error).message}`;
    throw new RollupError('CONFIG_INVALID', message, { path }, { cause: error });
  }
}

function readOne(file: string, size: number, judge: Pick<StateJudge, 'problem'>): WatchedState | SourceProblem {
  if (size > MOST_BYTES) return { where: file, message: `it has ${size} bytes, a state has ${MOST_BYTES} at most` };
  try {
    const shown = decodeWatchedState(readFileSync(file, 'utf8'));
    const message = judge.problem(shown);
    return message === undefined ? shown : { where: file, message: `L1 would not take it: ${message}` };
  } catch (error) {
    return { where: file, message: (error as Error).message };
  }
}

/**
 * States from a folder with JSON files, or from one file. Bad ones are told and left out.
 *
 * @param judge says what L1 would take.
 */
export function createFolderSource(path: string, judge: Pick<StateJudge, 'problem'>): StateSource {
  let known = new Map<string, Known>();

  function look(file: string): Known | undefined {
    const found = statSync(file, { throwIfNoEntry: false });
    if (found === undefined) return undefined;
    const stamp = `${found.ino}:${found.size}:${found.mtimeMs}`;
    const before = known.get(file);
    return before?.stamp === stamp ? before : { stamp, outcome: readOne(file, found.size, judge) };
  }

  return {
    name: path,
    async newest() {
      const files = filesOf(path);
      const now = new Map<string, Known>();
      for (const file of files.slice(0, MOST_FILES)) {
        const one = look(file);
        if (one !== undefined) now.set(file, one);
      }
      known = now;
      const outcomes = [...known.values()].map(({ outcome }) => outcome);
      const tooMany = { where: path, message: `of its ${files.length} files ${MOST_FILES} are read` };
      return {
        states: outcomes.filter((outcome) => 'state' in outcome),
        problems: [
          ...outcomes.filter((outcome) => 'where' in outcome),
          ...(files.length > MOST_FILES ? [tooMany] : []),
        ],
      };
    },
  };
}
