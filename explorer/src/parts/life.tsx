/** How far something is: as a word, and as steps. */

import type { ConfigJson } from '@quittance/rpc';
import type { ComponentChildren } from 'preact';
import { lifeOf, MEANINGS } from '../text/life.ts';

/** One word in a frame. */
export function Status({ status }: { readonly status: string }) {
  return (
    <span class="status" data-status={status} title={MEANINGS[status]}>
      {status}
    </span>
  );
}

interface LifeProps {
  readonly status: string;
  readonly mode: ConfigJson['mode'];
  readonly hasPending?: boolean;
  /** What to say below a step, by its name: times, proofs made. */
  readonly notes?: Readonly<Record<string, ComponentChildren>>;
}

/** All steps, with what is known of each. */
export function Life({ status, mode, hasPending = false, notes = {} }: LifeProps) {
  return (
    <ol class="life">
      {lifeOf(status, mode, hasPending).map(({ name, state }) => (
        <li key={name} data-state={state} aria-current={name === status ? 'step' : undefined}>
          <span class="life-name">
            {name}
            <span class="visually-hidden">
              {{ done: ': done', now: ': now', next: ': not yet', bad: ': wrong' }[state]}
            </span>
          </span>
          <span class="life-note">{notes[name] ?? '\u00a0'}</span>
        </li>
      ))}
    </ol>
  );
}

/** The same in a row of a table: a bar of as many parts, and the word. */
export function LifeBar({ status, mode, note }: LifeProps & { readonly note?: string | undefined }) {
  return (
    <span class="life-bar">
      <span class="life-parts" aria-hidden="true">
        {lifeOf(status, mode, false).map(({ name, state }) => (
          <span key={name} data-state={state} />
        ))}
      </span>
      <Status status={status} />
      {note !== undefined && <span class="muted"> {note}</span>}
    </span>
  );
}
