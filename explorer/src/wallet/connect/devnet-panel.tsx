/** Opens a wallet of a devnet's key, so that one can try all of this without an extension. */

import type { TargetedEvent } from 'preact';
import { useState } from 'preact/hooks';
import { choose } from '../../data/endpoints.ts';
import { connect } from '../session.ts';
import { Field } from '../ui.tsx';
import { isPrivateKey, openDevnetKey } from './devnet-key.ts';

/** Where devnets have their L1. */
const DEVNET_L1 = 'http://127.0.0.1:8545';

/** Names the L1 node of a devnet: the page may connect to it only once it is chosen. */
function NodeForm() {
  const [text, setText] = useState(DEVNET_L1);
  const [problem, setProblem] = useState<string>();
  const submit = (event: TargetedEvent<HTMLFormElement, SubmitEvent>): void => {
    event.preventDefault();
    try {
      if (!choose({ l1: text })) setProblem('Name a node.');
    } catch (error) {
      setProblem(`${(error as Error).message}.`);
    }
  };
  return (
    <form class="form" onSubmit={submit}>
      <Field label="L1 node of the devnet" hint="The page loads again, allowed to connect to it." problem={problem}>
        {(attributes) => (
          <input
            {...attributes}
            inputMode="url"
            autoComplete="off"
            spellcheck={false}
            value={text}
            onInput={({ currentTarget }) => setText(currentTarget.value)}
          />
        )}
      </Field>
      <div class="form-end">
        <button type="submit">Use this node</button>
      </div>
    </form>
  );
}

function KeyForm({ l1Url }: { readonly l1Url: string }) {
  const [key, setKey] = useState('');
  const [problem, setProblem] = useState<string>();
  const submit = (event: TargetedEvent<HTMLFormElement, SubmitEvent>): void => {
    event.preventDefault();
    if (isPrivateKey(key)) void connect('Devnet key', () => openDevnetKey(key, l1Url));
    else setProblem('A private key is 0x and 64 hexadecimal digits. The devnet prints some when it starts.');
  };
  return (
    <form class="form" onSubmit={submit} autocomplete="off">
      <Field
        label="Private key of the devnet"
        hint={`Stays in this page until you close it. Transactions go to ${l1Url}.`}
        problem={problem}
      >
        {(attributes) => (
          <input
            {...attributes}
            type="password"
            autoComplete="off"
            spellcheck={false}
            value={key}
            onInput={({ currentTarget }) => setKey(currentTarget.value)}
          />
        )}
      </Field>
      <div class="form-end">
        <button type="submit">Use this key</button>
      </div>
    </form>
  );
}

/** A typed key, for chain 31337 only. */
export function DevnetKey({ l1Url }: { readonly l1Url: string | undefined }) {
  return (
    <details class="devnet-key">
      <summary>Use a key of this devnet</summary>
      <p class="muted">
        Never type a key that has money anywhere: pages are no place for it. This works on devnets only.
      </p>
      {l1Url === undefined ? <NodeForm /> : <KeyForm l1Url={l1Url} />}
    </details>
  );
}
