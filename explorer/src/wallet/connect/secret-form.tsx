/** For addresses that are contracts: what a contract signs gives no key, so its person keeps a secret. */

import type { TargetedEvent } from 'preact';
import { useState } from 'preact/hooks';
import { openPurse, type RollupPlace } from '../session.ts';
import { Field } from '../ui.tsx';
import { isPrivateKey } from './devnet-key.ts';

function freshSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return `0x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

/** Opens the wallet with a secret of its own. */
export function SecretForm({ place }: { readonly place: RollupPlace }) {
  const [secret, setSecret] = useState('');
  const [problem, setProblem] = useState<string>();
  const submit = (event: TargetedEvent<HTMLFormElement, SubmitEvent>): void => {
    event.preventDefault();
    if (isPrivateKey(secret)) void openPurse(place, secret.trim());
    else setProblem('A secret is 0x and 64 hexadecimal digits.');
  };
  return (
    <form class="form" onSubmit={submit} autocomplete="off">
      <p>
        Open it with a secret of your own, the same one each time. <strong>Write it down before you deposit</strong>:
        without it, money leaves by a forced exit only.
      </p>
      <Field label="Rollup secret" hint="0x and 64 hexadecimal digits. It stays in this page." problem={problem}>
        {(attributes) => (
          <input
            {...attributes}
            autoComplete="off"
            spellcheck={false}
            value={secret}
            onInput={({ currentTarget }) => setSecret(currentTarget.value)}
          />
        )}
      </Field>
      <div class="form-end">
        <button type="submit" class="primary">
          Open with this secret
        </button>
        <button type="button" onClick={() => setSecret(freshSecret())}>
          Make a new one
        </button>
      </div>
    </form>
  );
}
