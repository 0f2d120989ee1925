import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';

/** What a measurement was made on. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  /** Whether the CPU has the instructions of the eight lanes. */
  readonly ifma: boolean;
  readonly node: string;
  /** Mean number of processes that wanted a core in the last minute, the bench itself among them. */
  readonly load: number;
  /** Day of the measurement. */
  readonly date: string;
}

const CPU_INFO = '/proc/cpuinfo';
/** Load before the bench began: its own processes count from now on. */
const [loadAtStart] = loadavg();

/** This machine, now. */
export function describeMachine(): Machine {
  const flags = existsSync(CPU_INFO) ? readFileSync(CPU_INFO, 'utf8') : '';
  const family = /cpu family\s*:\s*(\d+)/.exec(flags)?.[1];
  const model = cpus()[0]?.model.trim() ?? 'unknown';
  return {
    cpu: family === undefined ? model : `${model}, family ${family}`,
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    ifma: /\bavx512ifma\b/.test(flags),
    node: process.version,
    load: Number(loadAtStart!.toFixed(1)),
    date: new Date().toISOString().slice(0, 10),
  };
}
