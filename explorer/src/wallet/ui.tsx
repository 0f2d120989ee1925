/** What the forms of the wallet and of the way out are made of, on top of the parts of all pages. */

import type { ComponentChildren, TargetedEvent } from 'preact';
import { useId } from 'preact/hooks';
import type { StepState } from '../text/life.ts';
import { href } from '../text/places.ts';
import type { Action } from './action.ts';
import { problemOf } from './problems.ts';

/** What an input is told, so that its hint and its problem are read out with it. */
export interface FieldAttributes {
  readonly id: string;
  readonly 'aria-describedby': string | undefined;
  readonly 'aria-invalid': boolean;
}

/** A label with its input, a hint, and what is wrong with what stands in it. */
export function Field(props: {
  readonly label: string;
  readonly hint?: ComponentChildren;
  readonly problem?: string | undefined;
  readonly children: (attributes: FieldAttributes) => ComponentChildren;
}) {
  const id = useId();
  const { label, hint, problem, children } = props;
  const describedBy = [hint === undefined ? '' : `${id}-hint`, problem === undefined ? '' : `${id}-problem`];
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children({
        id,
        'aria-describedby': describedBy.filter((name) => name !== '').join(' ') || undefined,
        'aria-invalid': problem !== undefined,
      })}
      {hint !== undefined && (
        <p class="muted" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {problem !== undefined && (
        <p class="bad" id={`${id}-problem`} role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}

/** An input of one line for what no browser should complete or correct: addresses, URLs, numbers. */
export function TextLine(props: {
  readonly attributes: FieldAttributes;
  readonly value: string;
  readonly onText: (text: string) => void;
  readonly placeholder: string;
}) {
  const { attributes, value, onText, placeholder } = props;
  return (
    <input
      {...attributes}
      value={value}
      placeholder={placeholder}
      autoComplete="off"
      spellcheck={false}
      onInput={({ currentTarget }: TargetedEvent<HTMLInputElement>) => onText(currentTarget.value)}
    />
  );
}

/** An error with its way on. */
export function ProblemNote({ error, retry }: { readonly error: unknown; readonly retry?: (() => void) | undefined }) {
  if (error === undefined) return null;
  const { what, next, way, code } = problemOf(error);
  return (
    <div class="error-note" role="alert">
      <p class="empty-title">{what}</p>
      <p>
        {next} {code !== undefined && <code>{code}</code>}
      </p>
      {retry !== undefined && way === 'retry' && (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
      {way === 'leave' && (
        <p>
          <a href={href('/exit')}>Leave by L1 alone</a>
        </p>
      )}
    </div>
  );
}

/** A sentence that matters, and is no error. */
export function Note({
  children,
  isLive = false,
}: {
  readonly children: ComponentChildren;
  readonly isLive?: boolean;
}) {
  return (
    <div class="note" role={isLive ? 'status' : undefined}>
      {children}
    </div>
  );
}

/** A button that does something that takes a while. */
export function ActionButton(props: {
  readonly action: Pick<Action<[]>, 'isBusy' | 'start'>;
  readonly children: ComponentChildren;
  /** Shown while it runs. */
  readonly busy: string;
  readonly isPrimary?: boolean;
}) {
  const { action, children, busy, isPrimary = true } = props;
  return (
    <button
      type="button"
      class={isPrimary ? 'primary' : ''}
      // A busy button can still have the focus: disabling it would throw the keyboard back to the top of the page.
      aria-disabled={action.isBusy}
      onClick={() => action.start()}
    >
      {action.isBusy ? busy : children}
    </button>
  );
}

/** A step of something longer. */
export interface Step {
  readonly name: string;
  readonly state: StepState;
  readonly note?: ComponentChildren;
}

const SPOKEN: Readonly<Record<StepState, string>> = { done: ': done', now: ': now', next: ': not yet', bad: ': wrong' };

/** Steps in their order, one below the other, each with a sentence. */
export function Steps({ steps, label }: { readonly steps: readonly Step[]; readonly label: string }) {
  return (
    <ol class="steps" aria-label={label}>
      {steps.map(({ name, state, note }) => (
        <li key={name} data-state={state} aria-current={state === 'now' ? 'step' : undefined}>
          <span class="step-name">
            {name}
            <span class="visually-hidden">{SPOKEN[state]}</span>
          </span>
          {note !== undefined && <div class="step-note">{note}</div>}
        </li>
      ))}
    </ol>
  );
}
