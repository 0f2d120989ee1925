/** What a tower watches over, and where it has that from. */

import type { ExportedChannel } from '@quittance/sdk/channels';

/** A state that both parties signed, as a source has it: of a channel for whose party we watch, or of anybody's. */
export type WatchedState = Omit<ExportedChannel, 'contract'>;

/** What a source could not read. */
export interface SourceProblem {
  /** Which file, or which row. */
  readonly where: string;
  readonly message: string;
}

/** What a source has at present. */
export interface SourceAnswer {
  /** Several of one channel are no harm: the highest version counts that both signed. */
  readonly states: readonly WatchedState[];
  readonly problems: readonly SourceProblem[];
}

/** Where states come from. */
export interface StateSource {
  /** For people. */
  readonly name: string;
  /**
   * The newest states.
   *
   * @param isUrgent whether a channel is being closed, so that nothing may be older than it has to be.
   * @throws RollupError when nothing can be read at all.
   */
  newest(isUrgent: boolean): Promise<SourceAnswer>;
}
