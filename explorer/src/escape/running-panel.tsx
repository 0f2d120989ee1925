/** What runs now, how far it is, and how to stop it. */

import { Section } from '../parts/layout.tsx';
import { useStore } from '../store.ts';
import { countText } from '../text/amounts.ts';
import { asked } from '../wallet/session.ts';
import { Note } from '../wallet/ui.tsx';
import { type Running, stepWords, stop } from './model.ts';

/** Progress in words and as a bar. */
export function RunningPanel({
  running,
  isLasting,
}: {
  readonly running: Running;
  readonly isLasting: boolean | undefined;
}) {
  const request = useStore(asked);
  const { step, done, total } = running;
  const words = stepWords(step);
  return (
    <Section title="Working">
      {request !== undefined && (
        <Note isLive>
          <p>
            <strong>Look at your wallet.</strong> It asks you to confirm a transaction to the rollup contract.
          </p>
        </Note>
      )}
      <p role="status">
        {words}
        {total > 0 && `: ${countText(done)} of ${countText(total)}`}…
      </p>
      <progress aria-label={words} {...(total > 0 ? { value: done, max: total } : {})} />
      <p class="muted">
        {isLasting === false
          ? 'This browser keeps nothing for this page: leave it open, or it begins anew.'
          : 'You can close the page: what was read is kept, and it goes on from there.'}
      </p>
      <div class="form-end">
        <button type="button" onClick={stop}>
          Stop
        </button>
      </div>
    </Section>
  );
}
