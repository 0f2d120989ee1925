/** One job of `./dev bench differential` in its own process: node differential-child.ts <job as JSON>. */

import { DisagreementError } from '../../../test/differential/place.ts';
import { judge } from '../../../test/differential/rules.ts';
import { caseAt, type LaneJob, type LaneReport, runLane } from '../../../test/differential/run.ts';
import { type DifferentialVector, encodeVector } from '../../../test/differential/vector.ts';

/** What the process found: everything agreed, or the first record on which two did not. */
export type DifferentialReport =
  | { readonly report: LaneReport }
  | { readonly disagreement: { readonly message: string; readonly vector: DifferentialVector } };

async function run(job: LaneJob): Promise<DifferentialReport> {
  try {
    return { report: await runLane(job) };
  } catch (error) {
    if (!(error instanceof DisagreementError)) throw error;
    console.error(error.cause);
    return { disagreement: { message: error.message, vector: encodeVector(judge(caseAt(error.place))) } };
  }
}

// The bench ends at the first disagreement, and with it all its jobs.
process.once('disconnect', () => process.exit(1));
process.send!(await run(JSON.parse(process.argv[2]!) as LaneJob), () => process.exit(0));
