/** The wallet page. */

import { client } from '../data/client.ts';
import { endpoints } from '../data/endpoints.ts';
import { useQuery } from '../data/query.ts';
import type { PageProps } from '../page-props.ts';
import { Page } from '../parts/layout.tsx';
import { AskLinked } from '../parts/linked.tsx';
import { Command, Empty, Loading } from '../parts/notes.tsx';
import { useStore } from '../store.ts';
import { href } from '../text/places.ts';
import { KeyPanel } from './connect/key-panel.tsx';
import { ConnectPanel } from './connect/panel.tsx';
import { OpenWallet } from './open.tsx';
import { clearPanels } from './pay/panel.tsx';
import { askOf } from './pay/payment-link.ts';
import { type RollupPlace, session } from './session.ts';
import { Note, ProblemNote } from './ui.tsx';
import { clearDeposit } from './views/deposit.tsx';

const PURPOSE =
  'It pays for what you do on L1, and signs one message from which this page makes the key that pays in the rollup.';

/** What was typed is that wallet's: the next one begins empty. */
session.watch(({ phase }) => {
  if (phase !== 'closed') return;
  clearPanels();
  clearDeposit();
});

function Phases({ place, query }: { readonly place: RollupPlace; readonly query: URLSearchParams }) {
  const now = useStore(session);
  switch (now.phase) {
    case 'closed':
      return (
        <ConnectPanel
          chainId={BigInt(place.config.chainId)}
          l1Url={place.l1Url}
          note={now.note}
          error={now.error}
          purpose={PURPOSE}
        />
      );
    case 'connecting':
      return (
        <Note isLive>
          <p>Asking {now.name}: confirm there that this page may see your address.</p>
        </Note>
      );
    case 'connected':
      return <KeyPanel place={place} connection={now.connection} error={now.error} isDeriving={false} />;
    case 'deriving':
      return <KeyPanel place={place} connection={now.connection} error={undefined} isDeriving />;
    case 'open':
      return <OpenWallet purse={now.purse} query={query} />;
  }
}

/** Says what a payment link asks for, to those who have not opened a wallet yet. */
function AskNote({ query }: { readonly query: URLSearchParams }) {
  const { phase } = useStore(session);
  const { to, reference } = askOf(query);
  if (to === '' || phase === 'open') return null;
  return (
    <Note>
      <p>
        This link asks you for a payment{reference === '' ? '' : ' with a reference'}. Open a wallet to see it: nothing
        is paid before you confirm.
      </p>
    </Note>
  );
}

/** The page: it needs a sequencer, and says what to do without one. */
export default function WalletPage({ query }: PageProps) {
  const config = useQuery('rollup_getConfig', client === undefined ? undefined : {}, false);
  return (
    <Page title="Wallet" lead="Pay in the rollup, deposit from L1, and go back to it.">
      {client === undefined || endpoints.rpc === undefined ? (
        <Empty title="No sequencer is chosen">
          <p>
            <a href={href('/connection')}>Choose one</a>, or start a local one:
          </p>
          <Command>quittance devnet</Command>
          <p>
            The sequencer is gone? <a href={href('/exit')}>Leave by L1 alone.</a>
          </p>
        </Empty>
      ) : (
        <>
          <AskNote query={query} />
          {config.data !== undefined ? (
            <AskLinked config={config.data}>
              <Phases
                place={{ rpcUrl: endpoints.rpc, client, config: config.data, l1Url: endpoints.l1 }}
                query={query}
              />
            </AskLinked>
          ) : config.error === undefined ? (
            <Loading />
          ) : (
            <ProblemNote error={config.error} retry={config.reload} />
          )}
        </>
      )}
    </Page>
  );
}
