/** Whose money: that of the wallet that is connected, or of an address that is typed. */

import type { TargetedEvent } from 'preact';
import { useState } from 'preact/hooks';
import { Fact, Facts, Section } from '../parts/layout.tsx';
import { Hash } from '../parts/values.tsx';
import { Connecting, useConnection } from '../wallet/connect/connecting.tsx';
import { close } from '../wallet/session.ts';
import { Field, TextLine } from '../wallet/ui.tsx';
import { reset, survey } from './model.ts';
import type { EscapePlace } from './place.ts';

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
        {(attributes) => <TextLine attributes={attributes} value={text} onText={setText} placeholder="0x…" />}
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
      <Connecting
        {...{ chainId, l1Url: place.l1Url }}
        purpose="It pays the gas on L1. Leaving needs no rollup key and signs no message."
      />
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
