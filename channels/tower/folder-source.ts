/** States in files that others put into a folder: read again when they change, and none believed that both did not sign. */

import { readdirSync, readFileSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { type ChannelContract, RollupError } from '@quittance/protocol';
import type { Clock } from '../../runtime/index.ts';
import type { StateJudge } from './candidates.ts';
import { decodeStates } from './exported.ts';
import { stampOf } from './stamp.ts';
import type { SourceAnswer, SourceProblem, StateSource, WatchedState } from './types.ts';

/** Files of a folder that are read; more are told. */
const MOST_FILES = 10_000;
/** Thousands of channels with many HTLCs each. */
const MOST_BYTES = 64 * 1_024 * 1_024;

/** A file as it was read last. */
interface Known {
  /** What says that it is still the same; undefined when nothing does. */
  readonly stamp: string | undefined;
  readonly answer: SourceAnswer;
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

/** What is there; undefined where nothing is, a loop of links among that. */
function fileAt(file: string): Stats | undefined {
  try {
    return statSync(file);
  } catch {
    return undefined;
  }
}

/** What is wrong with a file as a whole. */
const problemOf = (where: string, message: string): SourceAnswer => ({ states: [], problems: [{ where, message }] });

function readOne(file: string, size: number, { judge, contract }: FolderSourceOptions): SourceAnswer {
  if (size > MOST_BYTES) return problemOf(file, `it has ${size} bytes, at most ${MOST_BYTES} are read`);
  try {
    const states: WatchedState[] = [];
    const problems: SourceProblem[] = [];
    for (const shown of decodeStates(file, readFileSync(file, 'utf8'), contract)) {
      const problem = judge.problem(shown);
      if (problem === undefined) states.push(shown);
      else problems.push({ where: `${file}, channel ${shown.vault}`, message: `L1 would not take it: ${problem}` });
    }
    return { states, problems };
  } catch (error) {
    return problemOf(file, (error as Error).message);
  }
}

export interface FolderSourceOptions {
  readonly contract: ChannelContract;
  /** Says what L1 would take. */
  readonly judge: Pick<StateJudge, 'problem'>;
  readonly clock: Pick<Clock, 'nowMs'>;
}

/** States from a folder with files of channels, or from one file. Bad ones are told and left out. */
export function createFolderSource(path: string, options: FolderSourceOptions): StateSource {
  let known = new Map<string, Known>();

  function look(file: string): Known | undefined {
    const found = fileAt(file);
    if (found === undefined) return undefined;
    // A pipe would never end.
    if (!found.isFile()) return { stamp: undefined, answer: problemOf(file, 'it is no file') };
    const { size } = found;
    const stamp = stampOf([file], options.clock.nowMs());
    const before = known.get(file);
    const isSame = before !== undefined && stamp !== undefined && before.stamp === stamp;
    if (isSame) return before;
    const answer = readOne(file, size, options);
    // It is being written, or its copy broke off: what was read before still stands.
    if (answer.states.length > 0 || answer.problems.length === 0 || before === undefined) return { stamp, answer };
    return { stamp: undefined, answer: { states: before.answer.states, problems: answer.problems } };
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
      const answers = [...known.values()].map(({ answer }) => answer);
      const tooMany = { where: path, message: `of its ${files.length} files ${MOST_FILES} are read` };
      return {
        states: answers.flatMap(({ states }) => states),
        problems: [...answers.flatMap(({ problems }) => problems), ...(files.length > MOST_FILES ? [tooMany] : [])],
      };
    },
  };
}
