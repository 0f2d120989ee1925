/** Which contract of channels, on which L1. */

import { useState } from 'preact/hooks';
import { choose, endpoints, linked } from '../data/endpoints.ts';
import { Fact, Facts, Section } from '../parts/layout.tsx';
import { EndpointFacts } from '../parts/linked.tsx';
import { Hash } from '../parts/values.tsx';
import { navigate } from '../router.ts';
import { normalizeUrl } from '../text/urls.ts';
import { useAction } from '../wallet/action.ts';
import { Field, Note, ProblemNote, TextLine } from '../wallet/ui.tsx';
import { openPlace, type Place, resetPlace } from './model.ts';
import { isAddress, isFromLink, keepContract, readContract } from './place.ts';

type Problems = Partial<Record<'l1' | 'contract', string | undefined>>;

function problemsOf(l1: string, contract: string): Problems | undefined {
  const isUrl = normalizeUrl(l1) !== undefined;
  if (isUrl && isAddress(contract)) return undefined;
  const noUrl = l1.trim() === '' ? 'Name an L1 node.' : `“${l1.slice(0, 80)}” is no http or https address.`;
  return {
    ...(isUrl ? {} : { l1: noUrl }),
    ...(isAddress(contract) ? {} : { contract: 'The contract is an L1 address: 0x and 40 hexadecimal digits.' }),
  };
}

/** Takes the form in. @returns what is wrong with it; nothing when the page loads again, or L1 was asked. */
async function take(l1: string, contract: string): Promise<Problems> {
  const problems = problemsOf(l1, contract);
  if (problems !== undefined) return problems;
  keepContract(contract);
  // In the address too: it comes back when the page loads again, and where nothing can be kept.
  navigate('/channels', { contract: contract.trim() }, true);
  const isLinked = linked.includes('l1');
  if ((normalizeUrl(l1) !== endpoints.l1 || isLinked) && choose({ l1 })) return {};
  await openPlace(endpoints.l1!, contract);
  return {};
}

/** The form. */
export function PlaceForm({ query }: { readonly query: URLSearchParams }) {
  const [l1, setL1] = useState(endpoints.l1 ?? '');
  const [contract, setContract] = useState(() => readContract(query));
  const [isLinked] = useState(() => isFromLink(query));
  const [problems, setProblems] = useState<Problems>({});
  const submit = useAction(async () => setProblems(await take(l1, contract)));
  return (
    <Section title="Which channels">
      {isLinked && (
        <Note>
          <p>
            A link filled this in. Whoever made it may own what it names: your wallet would send that contract what you
            pay, and believe that node. <strong>Use it only if you know these addresses.</strong>
          </p>
          <Facts>
            <EndpointFacts names={['l1']} />
            {query.get('contract') !== null && (
              <Fact name="Contract">
                <Hash value={query.get('contract')!.slice(0, 80)} what="contract" isWhole />
              </Fact>
            )}
          </Facts>
        </Note>
      )}
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
          hint="JSON-RPC of any Ethereum node, best your own. No operator is asked."
          problem={problems.l1}
        >
          {(attributes) => (
            <TextLine attributes={attributes} value={l1} onText={setL1} placeholder="http://127.0.0.1:8545" />
          )}
        </Field>
        <Field
          label="Contract of channels"
          hint="Its address on L1: whoever you have channels with named it, and so does your invoice."
          problem={problems.contract}
        >
          {(attributes) => <TextLine attributes={attributes} value={contract} onText={setContract} placeholder="0x…" />}
        </Field>
        <ProblemNote error={submit.error} retry={submit.start} />
        <div class="form-end">
          <button type="submit" class="primary" aria-disabled={submit.isBusy}>
            {submit.isBusy ? 'Asking L1…' : 'Use this contract'}
          </button>
        </div>
      </form>
    </Section>
  );
}

/** What was chosen. */
export function PlaceFacts({ place }: { readonly place: Place }) {
  const { chainId, constants } = place.l1;
  return (
    <Section
      title="Which channels"
      aside={
        <button type="button" onClick={resetPlace}>
          Change
        </button>
      }
    >
      <Facts>
        <Fact name="Contract">
          <Hash value={constants.contract} what="contract" isWhole />
        </Fact>
        <Fact name="Rollup">
          <Hash value={constants.rollup} what="rollup contract" isWhole />
        </Fact>
        <Fact name="Chain">{String(chainId)}</Fact>
        <Fact name="L1 node">{place.l1Url}</Fact>
      </Facts>
    </Section>
  );
}
