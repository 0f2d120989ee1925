/** What pages are laid out with. */

import type { ComponentChildren } from 'preact';

interface PageProps {
  readonly title: ComponentChildren;
  /** Stands beside the title. */
  readonly aside?: ComponentChildren;
  /** A sentence below the title. */
  readonly lead?: ComponentChildren;
  readonly children?: ComponentChildren;
}

/** A page with its heading, which gets the focus when the page is gone to. */
export function Page({ title, aside, lead, children }: PageProps) {
  return (
    <article class="page">
      <div class="page-head">
        <h1 tabIndex={-1}>{title}</h1>
        {aside}
      </div>
      {lead !== undefined && <p class="lead">{lead}</p>}
      {children}
    </article>
  );
}

interface SectionProps {
  readonly title: string;
  readonly aside?: ComponentChildren;
  readonly children?: ComponentChildren;
}

/** A part of a page, in a frame. */
export function Section({ title, aside, children }: SectionProps) {
  return (
    <section class="section" aria-label={title}>
      <div class="section-head">
        <h2>{title}</h2>
        {aside}
      </div>
      {children}
    </section>
  );
}

/** Names with their values. */
export function Facts({ children }: { readonly children: ComponentChildren }) {
  return <dl class="facts">{children}</dl>;
}

/** One name with its value. */
export function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <div class="fact">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** A number that says how things are. */
export function Figure({
  name,
  children,
  note,
}: {
  readonly name: string;
  readonly children: ComponentChildren;
  readonly note?: ComponentChildren;
}) {
  return (
    <div class="figure">
      <dt>{name}</dt>
      <dd>{children}</dd>
      {note !== undefined && <dd class="figure-note">{note}</dd>}
    </div>
  );
}
