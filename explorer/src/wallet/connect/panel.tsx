/** Choosing a wallet: those of the browser, or a key of a local devnet. */

import { useEffect, useState } from 'preact/hooks';
import { Section } from '../../parts/layout.tsx';
import { Command, Empty } from '../../parts/notes.tsx';
import { close, connect } from '../session.ts';
import { Note, ProblemNote } from '../ui.tsx';
import { DEVNET_CHAIN_ID } from './devnet-key.ts';
import { DevnetKey } from './devnet-panel.tsx';
import { type FoundWallet, watchWallets } from './found.ts';

/** The wallets of this browser; they announce themselves within moments of the first look. */
function useWallets(): readonly FoundWallet[] {
  const [wallets, setWallets] = useState<readonly FoundWallet[]>([]);
  useEffect(() => watchWallets(setWallets), []);
  return wallets;
}

/** The buttons of the wallets of this browser, or what to do without one. */
function WalletChoice() {
  const wallets = useWallets();
  if (wallets.length === 0) {
    return (
      <Empty title="This browser has no wallet">
        <p>
          Install one that announces itself to pages (EIP-6963: nearly all do) and load this page again. The command
          line has a wallet too:
        </p>
        <Command>quittance wallet --help</Command>
      </Empty>
    );
  }
  return (
    <ul class="wallet-choices">
      {wallets.map((wallet) => (
        <li key={wallet.rdns}>
          <button type="button" onClick={() => void connect(wallet.name, async () => wallet.provider)}>
            {wallet.icon !== undefined && <img src={wallet.icon} alt="" width={24} height={24} />}
            {wallet.name}
          </button>
        </li>
      ))}
    </ul>
  );
}

/** All ways to connect. @param chainId of the rollup; undefined while it is not known. */
export function ConnectPanel(props: {
  readonly chainId: bigint | undefined;
  readonly l1Url: string | undefined;
  /** Why it is asked again. */
  readonly note: string | undefined;
  readonly error: unknown;
  /** What a connected wallet is for. */
  readonly purpose: string;
}) {
  const { chainId, l1Url, note, error, purpose } = props;
  return (
    <Section title="Connect a wallet">
      <p>{purpose}</p>
      {note !== undefined && (
        <Note isLive>
          <p>{note}</p>
        </Note>
      )}
      <ProblemNote error={error} retry={() => close()} />
      <WalletChoice />
      {chainId === DEVNET_CHAIN_ID && <DevnetKey l1Url={l1Url} />}
    </Section>
  );
}
