/** The way out, which needs an L1 node and nothing else: no sequencer, no server of ours, no key but that of the L1 address. */

import { useEffect } from 'preact/hooks';
import type { PageProps } from '../page-props.ts';
import { Page, Section } from '../parts/layout.tsx';
import { L1Transaction } from '../parts/values.tsx';
import { useStore } from '../store.ts';
import { absoluteText } from '../text/times.ts';
import { useConnection } from '../wallet/connect/connecting.tsx';
import { moneyText } from '../wallet/money/text.ts';
import { Note, ProblemNote } from '../wallet/ui.tsx';
import { HoldingsPanel } from './holdings-panel.tsx';
import { LeavePanel } from './leave-panel.tsx';
import { change, type Model, model, survey as surveyAgain } from './model.ts';
import { OwnerPanel } from './owner-panel.tsx';
import { type EscapePlace, isFromLink, placeOf, readDraft } from './place.ts';
import { PlaceFacts, PlaceForm } from './place-panel.tsx';
import { probeL1 } from './probe.ts';
import { RunningPanel } from './running-panel.tsx';

/** What the last attempt did. */
function ResultNote({ result, refused }: Pick<Model, 'result' | 'refused'>) {
  if (result === undefined && refused.length === 0) return null;
  const paid = result?.paid ?? [];
  return (
    <>
      {paid.length > 0 && (
        <Note isLive>
          <p>
            <strong>Paid on L1:</strong>
          </p>
          <ul>
            {paid.map(({ kind, batch, index, amount, token, transactionHash }) => (
              <li key={`${kind}-${batch}-${index}`}>
                {amount === 0n ? 'The fee' : moneyText(amount, token)} ({kind} {index}){' '}
                <L1Transaction hash={transactionHash} />
              </li>
            ))}
          </ul>
        </Note>
      )}
      {result?.state === 'requested' && paid.length === 0 && (
        <Note isLive>
          <p>Your requests stand on L1.</p>
        </Note>
      )}
      {refused.map(({ kind, batch, index, amount, token, reason }) => (
        <Note key={`${kind}-${batch}-${index}`}>
          <p class="bad">
            L1 did not pay {moneyText(amount, token)} ({kind} {index}): {reason}
          </p>
        </Note>
      ))}
    </>
  );
}

function Log({ log }: Pick<Model, 'log'>) {
  if (log.length === 0) return null;
  return (
    <Section title="What happened">
      <ol class="log">
        {log.map(({ atMs, text }, position) => (
          <li key={position}>
            <time dateTime={new Date(atMs).toISOString()}>{absoluteText(atMs)}</time> {text}
          </li>
        ))}
      </ol>
    </Section>
  );
}

/** Everything behind the choice of a rollup. */
function Way({ place, chainId }: { readonly place: EscapePlace; readonly chainId: bigint }) {
  const { owner, survey, running, error, result, refused, isLasting, log } = useStore(model);
  const connection = useConnection();
  const whose = owner ?? connection?.address.toLowerCase();
  const again = whose === undefined ? undefined : () => void surveyAgain(place, whose);
  return (
    <>
      <PlaceFacts place={place} chainId={chainId} />
      {running === undefined && (survey === undefined || connection === undefined) && (
        <OwnerPanel place={place} chainId={chainId} />
      )}
      {running !== undefined && <RunningPanel running={running} isLasting={isLasting} />}
      <ProblemNote error={error} retry={again} />
      <ResultNote result={result} refused={refused} />
      {survey !== undefined && owner !== undefined && (
        <>
          <LeavePanel {...{ survey, owner, place, chainId, connection }} isBusy={running !== undefined} />
          <HoldingsPanel survey={survey} owner={owner} />
        </>
      )}
      <Log log={log} />
    </>
  );
}

/** The page. What this browser kept is looked at by itself; what only a link says waits until its person has seen it. */
export default function EscapePage({ query }: PageProps) {
  const { place, chainId } = useStore(model);
  // Once, when the page is opened.
  useEffect(() => {
    const placed = placeOf(readDraft(query));
    if (place !== undefined || 'problems' in placed || isFromLink(query)) return;
    probeL1(placed.place.l1Url, placed.place.contract).then(
      (found) => change({ place: placed.place, chainId: found }),
      () => undefined, // the form says what is wrong when it is sent
    );
  }, []);
  return (
    <Page
      title="Leave by L1 alone"
      lead="Takes your money out without any sequencer. It reads the whole rollup from L1, shows what is yours, and asks L1 for it."
    >
      {place === undefined || chainId === undefined ? (
        <PlaceForm query={query} />
      ) : (
        <Way place={place} chainId={chainId} />
      )}
    </Page>
  );
}
