/** Times of a devnet's optimistic and hybrid modes, and what its user should know of its mode. */

import { defaultBackend } from '../../prover/index.ts';
import type { DeploymentOverrides } from './deploy.ts';
import type { DevnetValues } from './settings.ts';

/** With --lie: how long others have before the devnet's own watcher disputes. */
export const PATIENCE_SECONDS = 60;

/** Seconds; on a public chain hours and days. Whoever practises has time to look around. The owner's delay lets the liar in. */
const PERIODS = {
  optimistic: { challengePeriod: 10, answerWindow: 15, stepWindow: 15 },
  lie: { challengePeriod: 2 * PATIENCE_SECONDS, answerWindow: 60, stepWindow: 60, ownerDelay: 1 },
  // So long that only proofs make a batch final.
  hybrid: { challengePeriod: 3_600, answerWindow: 60, stepWindow: 60 },
} as const;

/** What the deployment fixes beside shape and key. */
export function overridesOf({ mode, data, lie }: DevnetValues): DeploymentOverrides {
  const periods = mode === 'zk' ? {} : PERIODS[lie ? 'lie' : mode];
  return { ...periods, blobsAllowed: data === 'blobs' };
}

/** Lines for the banner. */
export function notesOf({ mode, lie, profile, prover = defaultBackend() }: DevnetValues): string[] {
  const notes: string[] = [];
  if (mode !== 'optimistic') {
    const time = prover === 'native' ? 'a minute or two' : 'many minutes: there is no native prover here';
    notes.push(
      `The proving key of ${profile} is made in the background if it is not there yet (${time}); until then payments`,
      'are accepted and sealed, but nothing is proven.',
    );
  }
  if (lie) {
    notes.push(
      'A second producer lies now and then: it asserts a batch with a forged transfer. Run the watch command below to',
      `dispute it and earn half of its bond. What nobody disputes within ${PATIENCE_SECONDS} s, the devnet itself disputes.`,
    );
  }
  return notes;
}
