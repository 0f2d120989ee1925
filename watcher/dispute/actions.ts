/** What each move sends to L1. */

import type { AssertionAction } from '@quittance/chain';
import type { Task } from './plan.ts';
import type { StepPreparer } from './steps.ts';

/**
 * The action of a task.
 *
 * @throws RollupError MOVE_OUTDATED when what it needs of a batch is not there any more.
 */
export async function actionOf(task: Task, steps: StepPreparer, account: string): Promise<AssertionAction> {
  switch (task.move) {
    case 'dispute': {
      const { assertionId, headerHash, chunk } = task.chunkCase;
      return { type: 'openDispute', assertionId, headerHash, chunk };
    }
    case 'answer': {
      const { assertionId, headerHash, chunk } = task.chunkCase;
      return {
        type: 'answerDispute',
        assertionId,
        headerHash,
        chunk,
        commitments: await steps.answer(assertionId, chunk),
      };
    }
    case 'reject':
      return {
        type: 'rejectUnanswered',
        assertionId: task.chunkCase.assertionId,
        chunk: task.chunkCase.chunk,
      };
    case 'commit':
      return {
        type: 'commitStep',
        commitment: await steps.commitment(task.chunkCase.assertionId, task.chunkCase.chunk),
      };
    case 'prove':
      return { type: 'proveStep', proof: await steps.proof(task.chunkCase.assertionId, task.chunkCase.chunk) };
    case 'finalize':
      return { type: 'finalizeBatches', headers: task.headers };
    case 'release':
      return { type: 'releaseBond', assertionId: task.assertionId };
    case 'settle':
    case 'settleForOther':
      return { type: 'settleDispute', disputeId: task.disputeId };
    case 'collect':
      return { type: 'collectCredit', receiver: account };
  }
}
