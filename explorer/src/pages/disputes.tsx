/** What waits on L1: assertions with their bonds, and the disputes about them. */

import type { AssertionJson, ConfigJson } from '@quittance/rpc';
import { useConfig } from '../data/config.ts';
import { useQuery } from '../data/query.ts';
import { Fact, Facts, Page, Section } from '../parts/layout.tsx';
import { Answer, Command, Empty } from '../parts/notes.tsx';
import { useNow } from '../parts/now.ts';
import { Table } from '../parts/table.tsx';
import { Amount, Hash } from '../parts/values.tsx';
import { href } from '../text/places.ts';
import { absoluteText, countdownText } from '../text/times.ts';

const ETH = 0;

const WAITS = { answer: 'for the asserter’s answer', step: 'for the proof of a step' } as const;

/** Time until a deadline of L1. @param seconds Unix seconds. */
function Countdown({ seconds }: { readonly seconds: number }) {
  const now = useNow();
  const isOver = seconds * 1_000 <= now;
  return (
    <time dateTime={new Date(seconds * 1_000).toISOString()} title={absoluteText(seconds * 1_000)} class="countdown">
      {isOver ? 'over' : countdownText(seconds * 1_000, now)}
    </time>
  );
}

interface AssertionProps {
  readonly assertion: AssertionJson;
  readonly config: ConfigJson | undefined;
}

function Disputes({ assertion, config }: AssertionProps) {
  if (assertion.disputes.length === 0) return <Empty title="Nobody disputes it" />;
  return (
    <Table
      caption={`Disputes of batch ${assertion.batch}`}
      rows={assertion.disputes}
      keyOf={({ chunk }) => chunk}
      columns={[
        {
          head: 'Chunk',
          cell: ({ chunk, phase }) => (
            <span class="stack">
              <span>{chunk}</span>
              <span class="muted">waits {WAITS[phase]}</span>
            </span>
          ),
        },
        { head: 'Time left', isNumeric: true, cell: ({ deadline }) => <Countdown seconds={deadline} /> },
        { head: 'Bond', isNumeric: true, cell: ({ bond }) => <Amount config={config} tokenId={ETH} amount={bond} /> },
        {
          head: 'Challenger',
          isWide: true,
          cell: ({ challenger }) => <Hash value={challenger} what="challenger" />,
        },
      ]}
    />
  );
}

function Assertion({ assertion, config }: AssertionProps) {
  return (
    <Section title={`Batch #${assertion.batch}`} aside={<a href={href(`/batch/${assertion.batch}`)}>The batch</a>}>
      <Facts>
        <Fact name="Challenge period ends in">
          <Countdown seconds={assertion.finalAt} />
        </Fact>
        <Fact name="Asserter">
          <Hash value={assertion.asserter} what="asserter" />
        </Fact>
        <Fact name="Bond">
          <Amount config={config} tokenId={ETH} amount={assertion.bond} />
        </Fact>
      </Facts>
      <Disputes assertion={assertion} config={config} />
    </Section>
  );
}

/** The page of disputes. */
export function DisputesPage() {
  const config = useConfig();
  const assertions = useQuery('rollup_getAssertions', {});
  return (
    <Page
      title="Disputes"
      lead="In the modes optimistic and hybrid a batch is asserted with a bond, and anybody can show on L1 that it is wrong."
    >
      <Answer query={assertions} what="The assertions could not be read" rows={6}>
        {(data) =>
          data.length > 0 ? (
            data.map((assertion) => <Assertion key={assertion.assertionId} assertion={assertion} config={config} />)
          ) : config?.mode === 'zk' ? (
            <Empty title="Nothing is asserted in mode zk">
              <p>Each batch comes with its proofs, and is final with them. To see a lie being overturned:</p>
              <Command>./dev start --once --profile quick --mode optimistic</Command>
            </Empty>
          ) : (
            <Empty title="Nothing waits on L1">
              <p>The next batch is asserted as soon as it is sealed. To check what waits by yourself:</p>
              <Command>./dev quittance watch --help</Command>
            </Empty>
          )
        }
      </Answer>
    </Page>
  );
}
