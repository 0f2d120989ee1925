/** An addon's engine that breaks down or lies when a test wants it to. */

import { type AddonEngine, type AddonExecution, type AddonState, requireAddon } from '../../../native/addon.ts';

/** Comes between the addon and whoever awaits its execution. `attempt` counts the executions from 0. */
export type Interference = (execute: () => Promise<AddonExecution>, attempt: number) => Promise<AddonExecution>;

/** What the addon says when its Rust code panicked (native/binding/src/error.rs). */
export const panicked = () => new Error('INVARIANT_BROKEN\nthe native code panicked: a test asked for it\n{}');

/** The real engine of one thread with `interfere` in front of each execution. */
export function failingAddon(interfere: Interference): AddonEngine {
  const engine = new (requireAddon().NativeEngine)(1, 2 ** 30);
  let attempt = 0;
  const failing = (state: AddonState): AddonState => ({
    get count() {
      return state.count;
    },
    root: (out) => state.root(out),
    shards: (out) => state.shards(out),
    path: (index, out) => state.path(index, out),
    account: (index, out) => state.account(index, out),
    rows: (first, most) => state.rows(first, most),
    write: (leaves) => state.write(leaves),
    execute: (...input) => interfere(() => state.execute(...input), attempt++),
  });
  return { restore: (rows) => failing(engine.restore(rows)) };
}
