/** What the page talks to. */

import type { TargetedEvent } from 'preact';
import { useState } from 'preact/hooks';
import { choose, endpoints, linked } from '../data/endpoints.ts';
import { Page, Section } from '../parts/layout.tsx';
import type { EndpointName } from '../text/urls.ts';

interface Field {
  readonly name: EndpointName;
  readonly label: string;
  readonly hint: string;
  readonly example: string;
}

const FIELDS: readonly Field[] = [
  { name: 'rpc', label: 'Sequencer', hint: 'JSON-RPC of the sequencer.', example: 'http://127.0.0.1:3000' },
  {
    name: 'l1',
    label: 'L1 node',
    hint: 'JSON-RPC of an Ethereum node: verifies what the sequencer says, and is all that leaving needs.',
    example: 'http://127.0.0.1:8545',
  },
  {
    name: 'blobs',
    label: 'Blobs',
    hint: 'Beacon nodes of L1 or archives, separated by commas: for leaving a rollup with its data in blobs.',
    example: 'http://127.0.0.1:5052',
  },
  {
    name: 'l1explorer',
    label: 'Block explorer of L1',
    hint: 'Transactions of L1 link to it.',
    example: 'https://etherscan.io',
  },
];

/** The page of the connection. */
export function ConnectionPage() {
  const [problem, setProblem] = useState<string>();
  const submit = (event: TargetedEvent<HTMLFormElement, SubmitEvent>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    try {
      const choices = Object.fromEntries(FIELDS.map(({ name }) => [name, String(form.get(name) ?? '')]));
      setProblem(choose(choices) ? undefined : 'Nothing was changed.');
    } catch (error) {
      setProblem((error as Error).message);
    }
  };
  return (
    <Page
      title="Connection"
      lead="The page connects to these addresses and to no others: its content security policy forbids the rest."
    >
      <Section title="Addresses">
        <form class="form" onSubmit={submit}>
          {FIELDS.map(({ name, label, hint, example }) => (
            <div class="field" key={name}>
              <label for={`endpoint-${name}`}>{label}</label>
              <input
                id={`endpoint-${name}`}
                name={name}
                type="text"
                inputMode="url"
                autoComplete="off"
                spellcheck={false}
                placeholder={example}
                defaultValue={endpoints[name] ?? ''}
                aria-describedby={`hint-${name}`}
              />
              <p class="muted" id={`hint-${name}`}>
                {hint}
                {linked.includes(name) && <strong> A link named this one: it is kept only if you use it here.</strong>}
              </p>
            </div>
          ))}
          <div class="form-end">
            <button type="submit" class="primary">
              Use these
            </button>
            <p role="status" class="bad">
              {problem}
            </p>
          </div>
        </form>
      </Section>
    </Page>
  );
}
