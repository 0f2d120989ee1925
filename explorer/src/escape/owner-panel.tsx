/** Whose money: that of the wallet that is connected, or of an address that is typed. */

import type { TargetedEvent } from 'preact';
import { useState } from 'preact/hooks';
import { Fact, Facts, Section } from '../parts/layout.tsx';
import { Hash } from '../parts/values.tsx';
import { useStore } from '../store.ts';
import { ConnectPanel } from '../wallet/connect/panel.tsx';
import { type Connection, close, session } from '../wallet/session.ts';
import { Field, Note } from '../wallet/ui.tsx';
import { reset, survey } from './model.ts';
import type { EscapePlace } from './place.ts';

/** The wallet that is connected; undefined while none is. A rollup key is not needed to leave. */
export function useConnection(): Connection | undefined {
  const now = useStore(session);
  if (now.phase === 'open') return now.purse.connection;
  return now.phase === 'connected' || now.phase === 'deriving' ? now.connection : undefined;
}

/** Looks at what an address has; whoever pays the gas, that address gets the money. */
function OtherOwner({ place }: { readonly place: EscapePlace }) {
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<string>();
  const submit = (event: TargetedEvent<HTMLFormElement, SubmitEvent>): void => {
    event.preventDefault();
    if (/^0x[0-9a-fA-F]{40}$/.test(text.trim())) void survey(place, text.trim().toLowerCase());
    else setProblem('An address is 0x and 40 hexadecimal digits.');
  };
  return (
    <form class="form" onSubmit={submit} autocomplete="off" novalidate>
      <Field
        label="Or look at an address without a wallet"
        hint="What L1 owes it. It gets the money, whoever pays the gas."
        problem={problem}
      >
        {(attributes) => (
          <input
            {...attributes}
            value={text}
            placeholder="0x…"
            autoComplete="off"
            spellcheck={false}
            onInput={({ currentTarget }) => setText(currentTarget.value)}
          />
        )}
      </Field>
      <div class="form-end">
        <button type="submit">Look</button>
      </div>
    </form>
  );
}

/** Chooses, and then reads what there is. */
export function OwnerPanel({ place, chainId }: { readonly place: EscapePlace; readonly chainId: bigint }) {
  const connection = useConnection();
  const now = useStore(session);
  if (connection !== undefined) {
    return (
      <Section title="Whose money" aside={<OtherWallet />}>
        <Facts>
          <Fact name={connection.name}>
            <Hash value={connection.address} what="your address" isWhole />
          </Fact>
        </Facts>
        <div class="form-end">
          <button type="button" class="primary" onClick={() => void survey(place, connection.address.toLowerCase())}>
            Read what is mine from L1
          </button>
        </div>
        <p class="muted">
          This reads every batch since the beginning and believes nobody. It can take a while, and go on later.
        </p>
      </Section>
    );
  }
  return (
    <>
      {now.phase === 'connecting' ? (
        <Note isLive>
          <p>Asking {now.name}: confirm there that this page may see your address.</p>
        </Note>
      ) : (
        <ConnectPanel
          chainId={chainId}
          l1Url={place.l1Url}
          note={now.phase === 'closed' ? now.note : undefined}
          error={now.phase === 'closed' ? now.error : undefined}
          purpose="It pays the gas on L1. Leaving needs no rollup key and signs no message."
        />
      )}
      <Section title="Without a wallet">
        <OtherOwner place={place} />
      </Section>
    </>
  );
}

function OtherWallet() {
  return (
    <button
      type="button"
      onClick={() => {
        close();
        reset('owner');
      }}
    >
      Use another wallet
    </button>
  );
}
