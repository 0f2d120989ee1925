/** What a node shows between the end of its lead and its next role. */

import type { RollupError } from '@quittance/protocol';
import { notLeader } from '../../storage/index.ts';
import type { Sequencer } from '../sequencer.ts';

/**
 * The surface of a leader that has lost the lead, until a follower is made of its database, which may have to wait for L1: it
 * takes nothing, so that whoever serves it passes on what comes, and it is not ready. Reads that rest on what never became
 * durable are refused by its writer.
 */
export function steppedDown(leader: Sequencer, epoch: number): Sequencer {
  const refusal = (): RollupError<'NOT_LEADER'> =>
    notLeader(epoch, 'this node does not lead any more, and does not follow yet');
  const refuse = async (): Promise<never> => {
    throw refusal();
  };
  return {
    ...leader,
    submit: refuse,
    submitAll: async (submissions) => submissions.map(() => ({ error: refusal() })),
    sealNow: refuse,
    pollL1: refuse,
    node: () => ({ ...leader.node(), role: 'replica' }),
    status: () => ({ ...leader.status(), trouble: refusal() }),
  };
}
