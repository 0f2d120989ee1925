/** Between a connected wallet and an open one: one signature, explained before it is asked for. */

import { isRollupError, keyDerivationMessage } from '@quittance/protocol';
import { Fact, Facts, Section } from '../../parts/layout.tsx';
import { Hash } from '../../parts/values.tsx';
import { type Connection, close, openPurse, type RollupPlace } from '../session.ts';
import { ActionButton, ProblemNote } from '../ui.tsx';
import { SecretForm } from './secret-form.tsx';
import { WrongChain } from './wrong-chain.tsx';

/** Explains the signature, and asks for it. */
export function KeyPanel(props: {
  readonly place: RollupPlace;
  readonly connection: Connection;
  readonly error: unknown;
  readonly isDeriving: boolean;
}) {
  const { place, connection, error, isDeriving } = props;
  const { chainId, contract } = place.config;
  const open = { isBusy: isDeriving, start: () => void openPurse(place) };
  return (
    <Section title="Open the wallet">
      <p>
        {connection.name} is connected. It signs the message below, and the key that pays in the rollup is made of that
        signature, here in the page. That is no transaction and costs nothing. The key is kept nowhere: the same
        signature gives the same key the next time.
      </p>
      <Facts>
        <Fact name="Your address">
          <Hash value={connection.address} what="your address" isWhole />
        </Fact>
        <Fact name="Chain">{chainId}</Fact>
        <Fact name="Contract">
          <Hash value={contract} what="contract" isWhole />
        </Fact>
      </Facts>
      <figure class="message">
        <figcaption class="muted">The message that is signed</figcaption>
        <blockquote>{keyDerivationMessage(BigInt(chainId), contract)}</blockquote>
      </figure>
      {connection.chainId === BigInt(chainId) ? (
        <ActionButton action={open} busy="Confirm in your wallet…">
          Sign and open
        </ActionButton>
      ) : (
        <WrongChain connection={connection} chainId={BigInt(chainId)} l1Url={place.l1Url} />
      )}
      <ProblemNote error={error} retry={open.start} />
      {isRollupError(error, 'CONTRACT_ACCOUNT') && <SecretForm place={place} />}
      <p>
        <button type="button" class="link" onClick={() => close()}>
          Use another wallet
        </button>
      </p>
    </Section>
  );
}
