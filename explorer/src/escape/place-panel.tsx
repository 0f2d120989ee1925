/** Which rollup, on which L1: the only two things that leaving needs to be told. */

import { useState } from 'preact/hooks';
import { choose, endpoints, linked } from '../data/endpoints.ts';
import { Fact, Facts, Section } from '../parts/layout.tsx';
import { EndpointFacts } from '../parts/linked.tsx';
import { Hash } from '../parts/values.tsx';
import { navigate } from '../router.ts';
import { type EndpointName, normalizeEndpoint } from '../text/urls.ts';
import { useAction } from '../wallet/action.ts';
import { Field, Note, ProblemNote, TextLine } from '../wallet/ui.tsx';
import { change, reset } from './model.ts';
import {
  type EscapePlace,
  isFromLink,
  keepDraft,
  L1_NAMES,
  linkTo,
  type PlaceDraft,
  placeOf,
  readDraft,
} from './place.ts';
import { probeL1 } from './probe.ts';

type Problems = Partial<Record<'l1' | 'blobs' | 'contract' | 'fromBlock', string | undefined>>;

/** What the page may reach: another choice loads it again, with another policy. */
type Nodes = Record<'l1' | 'blobs', string>;

/** What a link chose of the endpoints, beside the L1 node: whoever sends the form has seen it. */
const linkedOthers = (): Partial<Record<EndpointName, string | undefined>> =>
  Object.fromEntries(L1_NAMES.filter((name) => linked.includes(name)).map((name) => [name, endpoints[name]]));

/** What is wrong with an address, as a sentence. */
function wrongIn(name: 'l1' | 'blobs', text: string): string | undefined {
  if (text.trim() === '' || normalizeEndpoint(name, text) !== undefined) return undefined;
  return `“${text.slice(0, 80)}” is no http or https address.`;
}

/** Takes the form in. @returns what is wrong with it; nothing when the page loads again or L1 is asked. */
async function take({ l1, blobs }: Nodes, draft: PlaceDraft): Promise<Problems> {
  keepDraft(draft);
  // In the address too: it comes back when the page loads again, and where nothing can be kept.
  navigate('/exit', { contract: draft.contract.trim(), from: draft.fromBlock.trim() || undefined }, true);
  const others = linkedOthers();
  const isChanged = l1.trim() !== (endpoints.l1 ?? '') || blobs.trim() !== (endpoints.blobs ?? '');
  if (isChanged || Object.keys(others).length > 0) {
    const wrong = { l1: wrongIn('l1', l1), blobs: wrongIn('blobs', blobs) };
    if (wrong.l1 !== undefined || wrong.blobs !== undefined) return wrong;
    if (choose({ ...others, l1, blobs })) return {};
  }
  const placed = placeOf(draft);
  if ('problems' in placed) return placed.problems;
  const chainId = await probeL1(placed.place.l1Url, placed.place.contract);
  change({ place: placed.place, chainId, error: undefined });
  return {};
}

/** What a link filled in, in full: a field may show a part of it. */
function LinkNote({ contract }: { readonly contract: string | null }) {
  return (
    <Note>
      <p>
        A link filled this in. Whoever made it may own what it names: your wallet would send that contract what you pay,
        and believe that node. <strong>Use it only if you know these addresses.</strong>
      </p>
      <Facts>
        <EndpointFacts names={L1_NAMES} />
        {contract !== null && (
          <Fact name="Contract">
            <Hash value={contract.slice(0, 80)} what="contract" isWhole />
          </Fact>
        )}
      </Facts>
    </Note>
  );
}

/** The form. */
export function PlaceForm({ query }: { readonly query: URLSearchParams }) {
  const [nodes, setNodes] = useState<Nodes>({ l1: endpoints.l1 ?? '', blobs: endpoints.blobs ?? '' });
  const [draft, setDraft] = useState(() => readDraft(query));
  const [isLinked] = useState(() => isFromLink(query));
  const [problems, setProblems] = useState<Problems>({});
  const submit = useAction(async () => setProblems(await take(nodes, draft)));
  return (
    <Section title="Which rollup">
      {isLinked && <LinkNote contract={query.get('contract')} />}
      <form
        class="form"
        autocomplete="off"
        novalidate
        onSubmit={(event) => {
          event.preventDefault();
          submit.start();
        }}
      >
        <Field
          label="L1 node"
          hint="JSON-RPC of any Ethereum node, best your own. No sequencer is asked."
          problem={problems.l1}
        >
          {(attributes) => (
            <TextLine
              attributes={attributes}
              value={nodes.l1}
              onText={(l1) => setNodes({ ...nodes, l1 })}
              placeholder="http://127.0.0.1:8545"
            />
          )}
        </Field>
        <Field
          label="Rollup contract"
          hint="Its address on L1: in your wallet’s history, or published by whoever deployed it."
          problem={problems.contract}
        >
          {(attributes) => (
            <TextLine
              attributes={attributes}
              value={draft.contract}
              onText={(contract) => setDraft({ ...draft, contract })}
              placeholder="0x…"
            />
          )}
        </Field>
        <Field
          label="Block of its deployment"
          hint="Or any block before. Empty reads L1 from its beginning, which takes long on a public chain."
          problem={problems.fromBlock}
        >
          {(attributes) => (
            <TextLine
              attributes={attributes}
              value={draft.fromBlock}
              onText={(fromBlock) => setDraft({ ...draft, fromBlock })}
              placeholder="0"
            />
          )}
        </Field>
        <Field
          label="Where blobs are"
          hint="Only for a rollup with its data in blobs: beacon nodes of L1, and archives for what is older than 18 days, separated by commas. They must let pages of other hosts read them (CORS)."
          problem={problems.blobs}
        >
          {(attributes) => (
            <TextLine
              attributes={attributes}
              value={nodes.blobs}
              onText={(blobs) => setNodes({ ...nodes, blobs })}
              placeholder="http://127.0.0.1:5052"
            />
          )}
        </Field>
        <ProblemNote error={submit.error} retry={submit.start} />
        <div class="form-end">
          <button type="submit" class="primary" aria-disabled={submit.isBusy}>
            {submit.isBusy ? 'Asking L1…' : 'Use this rollup'}
          </button>
        </div>
      </form>
    </Section>
  );
}

/** What was chosen, and how to come back to it. */
export function PlaceFacts({ place, chainId }: { readonly place: EscapePlace; readonly chainId: bigint }) {
  return (
    <Section
      title="Which rollup"
      aside={
        <button type="button" onClick={() => reset('place')}>
          Change
        </button>
      }
    >
      <Facts>
        <Fact name="Contract">
          <Hash value={place.contract} what="contract" isWhole />
        </Fact>
        <Fact name="Chain">{String(chainId)}</Fact>
        <Fact name="L1 node">{place.l1Url}</Fact>
        <Fact name="To come back">
          <Hash value={linkTo(location, place)} what="the link to this page" isWhole />
        </Fact>
      </Facts>
      <p class="muted">
        This page needs no sequencer. Keep the link, and a copy of the explorer’s folder: any web server opens it, also
        one on your own machine. Browsers do not run it as a file; in the folder, <code>python3 -m http.server</code> or{' '}
        <code>npx http-server -p 8000</code> serves it at <code>http://localhost:8000</code>.
      </p>
    </Section>
  );
}
