/** A state that remembers what was written, so that a batch can be taken back and repeated without executing it. */

import { type Account, type AccountChange, RollupState } from '../../protocol/index.ts';

/** The accounts that some writes changed, before and after them all. */
export interface StateDelta {
  readonly before: ReadonlyMap<number, Account | undefined>;
  readonly after: ReadonlyMap<number, Account | undefined>;
}

/** A state whose writes between `begin` and `end` are remembered. */
export class RecordingState extends RollupState {
  #before: Map<number, Account | undefined> | undefined;

  override write(change: Pick<AccountChange, 'index' | 'after'>): void {
    const { index } = change;
    const before = this.get(index);
    super.write(change);
    if (this.#before?.has(index) === false) this.#before.set(index, before);
  }

  /** Starts to remember. */
  begin(): void {
    this.#before = new Map();
  }

  /** What was changed since `begin`. */
  end(): StateDelta {
    const before = this.#before ?? new Map<number, Account | undefined>();
    this.#before = undefined;
    return { before, after: new Map([...before.keys()].map((index) => [index, this.get(index)] as const)) };
  }

  /** Writes one side of a delta. */
  restore(accounts: ReadonlyMap<number, Account | undefined>): void {
    for (const [index, after] of accounts) super.write({ index, after });
  }
}
