/** Back to L1: a withdrawal in the rollup, and once it is final its claim on L1. */

import type { PaidOut, RefusedPayment } from '@quittance/sdk';
import { useState } from 'preact/hooks';
import { Section } from '../../parts/layout.tsx';
import { Table } from '../../parts/table.tsx';
import { L1Transaction } from '../../parts/values.tsx';
import { href } from '../../text/places.ts';
import { useAction } from '../action.ts';
import { WrongChain } from '../connect/wrong-chain.tsx';
import { moneyText } from '../money/text.ts';
import { PaymentPanel } from '../pay/panel.tsx';
import type { Purse } from '../session.ts';
import { ActionButton, Note, ProblemNote } from '../ui.tsx';

interface Claimed {
  readonly paid: readonly PaidOut[];
  readonly refused: readonly RefusedPayment[];
}

function ClaimResult({ paid, refused }: Claimed) {
  if (paid.length === 0 && refused.length === 0) {
    return (
      <Note isLive>
        <p>Nothing to claim: no withdrawal is final and unpaid.</p>
      </Note>
    );
  }
  return (
    <>
      {paid.length > 0 && (
        <>
          <p role="status">
            <strong>Paid to your L1 address:</strong>
          </p>
          <Table
            caption="What L1 paid"
            rows={paid}
            keyOf={({ batch, index }) => `${batch}-${index}`}
            columns={[
              { head: 'Batch', cell: ({ batch }) => batch ?? '–' },
              { head: 'Amount', isNumeric: true, cell: ({ amount, token }) => moneyText(amount, token) },
              { head: 'Transaction', cell: ({ transactionHash }) => <L1Transaction hash={transactionHash} /> },
            ]}
          />
        </>
      )}
      {refused.map(({ batch, index, amount, token, reason }) => (
        <p key={`${batch}-${index}`} class="bad">
          {moneyText(amount, token)} of batch {batch} were not paid: {reason}
        </p>
      ))}
    </>
  );
}

/** Pays out what is final. */
function Claim({ purse }: { readonly purse: Purse }) {
  const { wallet, connection, place } = purse;
  const [claimed, setClaimed] = useState<Claimed>();
  const claim = useAction(async () => {
    setClaimed(undefined);
    const refused: RefusedPayment[] = [];
    const paid = await wallet.claim({ onRefused: (one) => refused.push(one) });
    setClaimed({ paid, refused });
  });
  const chainId = BigInt(place.config.chainId);
  return (
    <Section title="Claim on L1">
      <p>
        Pays all your final withdrawals to your L1 address, with proofs made from L1 alone. Your wallet asks once for
        each batch that has some.
      </p>
      {connection.chainId === chainId ? (
        <ActionButton action={claim} busy="Claiming…">
          Claim what is final
        </ActionButton>
      ) : (
        <WrongChain connection={connection} chainId={chainId} l1Url={place.l1Url} />
      )}
      <ProblemNote error={claim.error} retry={claim.start} />
      {claimed !== undefined && <ClaimResult {...claimed} />}
      <p class="muted">
        The sequencer does not take your withdrawal? <a href={href('/exit')}>Leave by L1 alone.</a>
      </p>
    </Section>
  );
}

/** Both steps. */
export function Withdraw({ purse, query }: { readonly purse: Purse; readonly query: URLSearchParams }) {
  return (
    <>
      <PaymentPanel purse={purse} kind="withdraw" query={query} />
      <Claim purse={purse} />
    </>
  );
}
