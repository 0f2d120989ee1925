/** Keeps what cannot be drawn, as an answer that is none, from taking the rest of the page with it. */

import type { ComponentChildren } from 'preact';
import { useErrorBoundary } from 'preact/hooks';
import { forgetAnswers } from '../data/query.ts';
import { ErrorNote } from './notes.tsx';

/** What is in it, or a note that it could not be shown. What was answered is asked again. */
export function Guarded({ children }: { readonly children: ComponentChildren }) {
  const [error, reset] = useErrorBoundary(forgetAnswers);
  if (error === undefined || error === null) return <>{children}</>;
  const what = 'This page could not be shown: the sequencer’s answer is none that it knows';
  return <ErrorNote what={what} error={error} retry={reset} />;
}
