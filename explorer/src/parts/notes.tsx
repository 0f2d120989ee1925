/** What stands where something is not, or not yet: loading, nothing, an error. */

import { isRollupError } from '@quittance/protocol';
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Query } from '../data/query.ts';
import { harmless } from '../text/untrusted.ts';

/** Before this, nothing says that something is loading: mostly it is there by then. */
const QUIET_MS = 200;

/** Says that something is on its way, in as much room as it will about take. */
export function Loading({ rows = 6 }: { readonly rows?: number }) {
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), QUIET_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div class="loading" role="status">
      {isLate && <span class="visually-hidden">Loading</span>}
      {Array.from({ length: rows }, (_, row) => (
        <span key={row} class={isLate ? 'bone' : 'bone quiet'} />
      ))}
    </div>
  );
}

/** Nothing is there: says why, and what to do. */
export function Empty({ title, children }: { readonly title: string; readonly children?: ComponentChildren }) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children}
    </div>
  );
}

/** A command that can be run. */
export function Command({ children }: { readonly children: string }) {
  return (
    <pre class="command">
      <code>{children}</code>
    </pre>
  );
}

/** Longest message that is shown: it may come from a server that nobody knows. */
const MAX_MESSAGE = 500;

/** What an error says, and what its code is. */
function wordsOf(error: unknown): { readonly message: string; readonly code: string | undefined } {
  const message = harmless(error instanceof Error ? error.message : String(error), MAX_MESSAGE);
  return { message, code: isRollupError(error) ? error.code : undefined };
}

interface ErrorNoteProps {
  /** What could not be done, as a sentence without its full stop. */
  readonly what: string;
  readonly error: unknown;
  readonly retry?: (() => void) | undefined;
  readonly children?: ComponentChildren;
}

/** An error: what failed, what is known of it, and a way on. */
export function ErrorNote({ what, error, retry, children }: ErrorNoteProps) {
  const { message, code } = wordsOf(error);
  return (
    <div class="error-note" role="alert">
      <p class="empty-title">{what}</p>
      <p>
        {message}
        {code !== undefined && (
          <>
            {' '}
            <code>{code}</code>
          </>
        )}
      </p>
      {children}
      {retry !== undefined && (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}

interface AnswerProps<T> {
  readonly query: Query<T>;
  /** What could not be read, for the error. */
  readonly what: string;
  /** Rows of the placeholder. */
  readonly rows?: number;
  /** What stands there for NOT_FOUND. */
  readonly missing?: ComponentChildren;
  readonly children: (data: T) => ComponentChildren;
}

/** An answer, or what stands in its place until there is one. What was read once stays, whatever becomes of the connection. */
export function Answer<T>({ query, what, rows, missing, children }: AnswerProps<T>) {
  const { data, error, reload } = query;
  if (data !== undefined) return <>{children(data)}</>;
  if (missing !== undefined && isRollupError(error, 'NOT_FOUND')) return <>{missing}</>;
  if (error !== undefined) return <ErrorNote what={what} error={error} retry={reload} />;
  return <Loading {...(rows === undefined ? {} : { rows })} />;
}
