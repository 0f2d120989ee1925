/** What goes wrong, and how often; nothing while it is calm. */

import type { Random } from '../property/random.ts';
import type { ProverFaults } from './actors/prover.ts';
import type { JournalFaults } from './journal.ts';
import type { DoorFaults } from './l1/door.ts';

export interface Faults {
  /** From now on nothing goes wrong. */
  calm(): void;
  readonly isCalm: boolean;
  door(of: 'node' | 'watcher'): DoorFaults;
  journal(isCut: () => boolean): JournalFaults;
  readonly prover: ProverFaults;
  /** How far the clock of a process that starts is off. */
  skewMs(): number;
  /** How far a clock is off once somebody has set it. */
  setClockMs(): number;
  /** How long a process that died stays away. */
  downMs(): number;
  /** Milliseconds until L1 answers again; 0 when it does. */
  outageUntilMs: number;
}

/** Five minutes. */
const MOST_OFF_MS = 300_000;

export function createFaults(random: Random, nowMs: () => number, count: (what: string) => void): Faults {
  let isCalm = false;
  const happens = (probability: number): boolean => !isCalm && random.chance(probability);
  const outcome = (): ReturnType<ProverFaults['outcome']> => {
    const found = happens(0.05) ? 'fails' : happens(0.05) ? 'bad' : happens(0.03) ? 'unnoticed' : 'good';
    if (found === 'bad' || found === 'unnoticed') count('bad proof');
    return found;
  };
  const faults: Faults = {
    calm() {
      isCalm = true;
      faults.outageUntilMs = 0;
    },
    get isCalm() {
      return isCalm;
    },
    door: (of) => ({
      isDown: () => nowMs() < faults.outageUntilMs || happens(0.002),
      isAnswerLost: () => happens(0.04),
      delayBlocks: () => (happens(of === 'node' ? 0.1 : 0.05) ? 1 + random.below(3) : 0),
    }),
    journal: (isCut) => ({
      isCut: () => isCut() && !isCalm,
      isKept() {
        const isKept = random.chance(0.5);
        count(`append in a failover ${isKept ? 'kept' : 'lost'}`);
        return isKept;
      },
      isAnswerLost: () => happens(0.01),
      appendMs: () => (happens(0.3) ? 20 : 0),
    }),
    prover: {
      proofMs: () => 500 + random.below(8_000),
      outcome,
    },
    skewMs: () => (happens(0.2) ? random.below(40_000) - 20_000 : 0),
    setClockMs: () => (happens(0.7) ? random.below(2 * MOST_OFF_MS + 1) - MOST_OFF_MS : 0),
    downMs: () => (isCalm ? 0 : random.below(15_000)),
    outageUntilMs: 0,
  };
  return faults;
}
