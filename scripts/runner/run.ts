/** Runs files of tests in several processes, or one after the other in one. */

import { Lane, type LaneResult } from './lane.ts';
import { ALONE, type Durations, expectedMs, longestFirst } from './order.ts';

/** How to run. */
export interface RunOptions {
  /** How many processes; with one, what tests write is shown as they write it, in the order of their names. */
  readonly processes: number;
  readonly durations: Durations;
  /** Of the processes. */
  readonly environment: NodeJS.ProcessEnv;
  readonly write: (text: string) => void;
}

/** Runs every file, in its turn, and gives how each went. */
export async function runFiles(files: readonly string[], options: RunOptions): Promise<LaneResult[]> {
  const { processes, durations, environment, write } = options;
  const live = processes === 1;
  const lanes = Array.from({ length: processes }, (_, index) => new Lane(String(index), { live, environment }));
  const results: LaneResult[] = [];
  const left = new Set(files);

  const heading = (file: string): string => {
    const ms = [...left].reduce((sum, name) => sum + expectedMs(name, durations), 0) / processes;
    const remaining = left.size === 0 ? '' : ` (about ${Math.ceil(ms / 1000)} s left)`;
    return `\n[${results.length + 1}/${files.length}] ${file}${remaining}\n`;
  };
  const work = async (lane: Lane, queue: string[]): Promise<void> => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      left.delete(file);
      if (live) write(heading(file));
      const result = await lane.run({ file });
      // Between this line and the next nothing else runs: what a file wrote stays in one piece.
      if (!live) write(`${heading(file)}${result.output}`);
      results.push(result);
    }
  };

  const kill = () => {
    for (const lane of lanes) lane.close();
  };
  process.once('exit', kill);
  const together = files.filter((file) => ALONE[file] === undefined);
  const queue = live ? [...together] : longestFirst(together, durations);
  await Promise.all(lanes.map((lane) => work(lane, queue)));
  await work(
    lanes[0]!,
    files.filter((file) => ALONE[file] !== undefined),
  );
  process.off('exit', kill);
  kill();
  return results;
}
