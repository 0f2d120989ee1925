/** Progress for people: a bar on a terminal, a line now and then elsewhere. Always on stderr. */

import { Presets, SingleBar } from 'cli-progress';

/** Without a terminal, a line at most this often. */
const LINE_EVERY_MS = 10_000;

export interface Progress {
  /** Announces a step; it counts up to `total`. */
  begin(label: string, total?: number): void;
  /** `done` of the present step's total are finished. */
  update(done: number, total?: number): void;
  /** The present step has ended. @param note what came out of it. */
  end(note?: string): void;
  /** One line that stays. */
  say(text: string): void;
}

function seconds(sinceMs: number): string {
  return `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`;
}

/** Seconds left, from the share that is done; before the first part is done, seconds so far. */
export function estimate(startedAt: number, done: number, total: number): string {
  if (done <= 0 || done >= total) return `, ${seconds(startedAt)} so far`;
  const left = ((performance.now() - startedAt) / done) * (total - done);
  return `, about ${Math.ceil(left / 1000)} s left`;
}

function createLines(write: (line: string) => void): Progress {
  let label = '';
  let startedAt = 0;
  let lastLineAt = 0;
  let total = 1;
  return {
    say: write,
    begin(nextLabel, nextTotal = 1) {
      label = nextLabel;
      total = nextTotal;
      startedAt = performance.now();
      lastLineAt = startedAt;
      write(`${label} …`);
    },
    update(done, nextTotal = total) {
      total = nextTotal;
      if (performance.now() - lastLineAt < LINE_EVERY_MS) return;
      lastLineAt = performance.now();
      write(`${label}: ${done}/${total}${estimate(startedAt, done, total)}`);
    },
    end(note) {
      write(`${label}: done in ${seconds(startedAt)}${note === undefined ? '' : `, ${note}`}`);
    },
  };
}

function createBars(write: (line: string) => void): Progress {
  let label = '';
  let startedAt = 0;
  let bar: SingleBar | undefined;
  return {
    say: write,
    begin(nextLabel, total = 1) {
      label = nextLabel;
      startedAt = performance.now();
      bar = new SingleBar(
        {
          // Our own estimate: that of the library says INF until the first part is done.
          format: '{label} [{bar}] {value}/{total}{estimate}',
          stream: process.stderr,
          clearOnComplete: true,
          hideCursor: true,
        },
        Presets.shades_classic,
      );
      bar.start(total, 0, { label, estimate: '' });
    },
    update(done, total = bar?.getTotal() ?? 1) {
      bar?.setTotal(total);
      bar?.update(done, { estimate: estimate(startedAt, done, total) });
    },
    end(note) {
      bar?.stop();
      bar = undefined;
      write(`${label}: ${seconds(startedAt)}${note === undefined ? '' : `, ${note}`}`);
    },
  };
}

const SILENT: Progress = { begin: () => {}, update: () => {}, end: () => {}, say: () => {} };

/** Progress for this process's stderr. */
export function createProgress({ quiet = false } = {}): Progress {
  if (quiet) return SILENT;
  const write = (line: string) => process.stderr.write(`${line}\n`);
  return process.stderr.isTTY ? createBars(write) : createLines(write);
}

/** "1 proof", "9 proofs". */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}
