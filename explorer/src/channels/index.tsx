/** One's own channels, by a file and an L1 node: no operator is asked what stands, and none is needed to close. */

import { useEffect } from 'preact/hooks';
import { endpoints } from '../data/endpoints.ts';
import { onBeat } from '../data/pulse.ts';
import type { PageProps } from '../page-props.ts';
import { Page } from '../parts/layout.tsx';
import { Loading } from '../parts/notes.tsx';
import { L1Transaction } from '../parts/values.tsx';
import { useStore } from '../store.ts';
import { absoluteText } from '../text/times.ts';
import { useConnection } from '../wallet/connect/connecting.tsx';
import { Note, ProblemNote } from '../wallet/ui.tsx';
import { ChannelPanel } from './channel-panel.tsx';
import { FileFacts, FilePanel } from './file-panel.tsx';
import { lookAgain, type Model, model, openPlace, type Place } from './model.ts';
import { knownContract } from './place.ts';
import { PlaceFacts, PlaceForm } from './place-panel.tsx';
import type { Look } from './reading.ts';
import { WalletPanel } from './wallet-panel.tsx';

/** What L1 does not answer now. */
function LookError({ lookError, look }: Pick<Model, 'lookError' | 'look'>) {
  if (lookError === undefined) return null;
  return (
    <>
      <ProblemNote error={lookError} retry={() => void lookAgain()} />
      {look !== undefined && <p class="muted">What you see below is from {absoluteText(look.readMs)}.</p>}
    </>
  );
}

/** Urgent ones first; the others as in the file. */
function Channels({ place, file, look }: { place: Place; file: NonNullable<Model['file']>; look: Look }) {
  const connection = useConnection();
  const { channels } = file.checked;
  const rank = (vault: string): number => {
    const close = look.sights.get(vault)?.close;
    return close === undefined ? 1 : close.isSettled ? 2 : 0;
  };
  return (
    <>
      {channels
        .toSorted((one, other) => rank(one.vault) - rank(other.vault))
        .map((channel) => (
          <ChannelPanel
            key={channel.vault}
            {...{ place, channel, look, connection }}
            sight={look.sights.get(channel.vault)!}
            canSend={connection?.chainId === place.l1.chainId}
          />
        ))}
    </>
  );
}

/** Everything behind the choice of a contract. */
function Opened({ place }: { readonly place: Place }) {
  const { file, problem, look, lookError, done } = useStore(model);
  useEffect(() => onBeat(() => void lookAgain()), []);
  return (
    <>
      {file === undefined ? (
        <>
          <PlaceFacts place={place} />
          <FilePanel place={place} problem={problem} />
        </>
      ) : (
        <>
          <FileFacts file={file} />
          {done !== undefined && (
            <Note isLive>
              <p>
                <strong>{done.text}</strong> <L1Transaction hash={done.hash} />
              </p>
            </Note>
          )}
          <LookError lookError={lookError} look={look} />
          {file.checked.channels.length > 0 && <WalletPanel place={place} look={look} />}
          {look === undefined ? (
            lookError === undefined && <Loading rows={8} />
          ) : (
            <Channels place={place} file={file} look={look} />
          )}
          <PlaceFacts place={place} />
        </>
      )}
    </>
  );
}

/** The page. What this browser kept is looked at by itself; what only a link says waits until its person has seen it. */
export default function ChannelsPage({ query }: PageProps) {
  const { place } = useStore(model);
  // Once, when the page is opened.
  useEffect(() => {
    const known = knownContract(query);
    if (place !== undefined || known === undefined) return;
    openPlace(endpoints.l1!, known).catch(() => undefined); // the form says what is wrong when it is sent
  }, []);
  return (
    <Page
      title="Your channels"
      lead="Opens the file of your payment channels, and shows where each stands on L1: who closes it, until when you can challenge, and what is yours to collect. It trusts no operator."
    >
      {place === undefined ? <PlaceForm query={query} /> : <Opened place={place} />}
    </Page>
  );
}
