/** The wallet that sends, and the bonds that it can collect. */

import { formatEther } from 'ethers';
import { useEffect, useState } from 'preact/hooks';
import { Fact, Facts, Section } from '../parts/layout.tsx';
import { Hash } from '../parts/values.tsx';
import { useAction } from '../wallet/action.ts';
import { Connecting, useConnection } from '../wallet/connect/connecting.tsx';
import { WrongChain } from '../wallet/connect/wrong-chain.tsx';
import { close } from '../wallet/session.ts';
import { ActionButton, ProblemNote } from '../wallet/ui.tsx';
import { type Place, send } from './model.ts';
import type { Look } from './reading.ts';

/** Wei of bonds of an account, read again with each look; undefined until then. */
function useCredit(place: Place, account: string | undefined, look: Look | undefined): bigint | undefined {
  const [credit, setCredit] = useState<bigint>();
  useEffect(() => {
    if (account === undefined) return setCredit(undefined);
    let isOver = false;
    place.l1.reader.creditOf(account).then(
      (wei) => isOver || setCredit(wei),
      () => undefined, // the look says that L1 does not answer
    );
    return () => {
      isOver = true;
    };
  }, [place, account, look]);
  return credit;
}

/** Asks for the last word about bonds. */
function CollectBonds({ place, credit }: { readonly place: Place; readonly credit: bigint }) {
  const connection = useConnection()!;
  const [isAsking, setAsking] = useState(false);
  const collect = useAction(async () => {
    await send(
      connection,
      place.l1.calls.collectBonds(connection.address),
      `The bond of ${formatEther(credit)} ETH was paid out.`,
    );
    setAsking(false);
  });
  const amount = `${formatEther(credit)} ETH`;
  return (
    <div class="confirm">
      <p>
        Settlements credited this account with bonds: <strong>{amount}</strong>.
      </p>
      {!isAsking ? (
        <div class="form-end">
          <button type="button" class="primary" onClick={() => setAsking(true)}>
            Collect {amount} of bonds…
          </button>
        </div>
      ) : (
        <>
          <p>
            Pays {amount} to <Hash value={connection.address} what="your address" />. It costs gas only.
          </p>
          <ProblemNote error={collect.error} retry={collect.start} />
          <div class="form-end">
            <ActionButton action={collect} busy="Waiting…">
              Collect {amount}
            </ActionButton>
            <button type="button" aria-disabled={collect.isBusy} onClick={() => collect.isBusy || setAsking(false)}>
              Back
            </button>
          </div>
        </>
      )}
    </div>
  );
}

/** The wallet, or how to connect one. */
export function WalletPanel({ place, look }: { readonly place: Place; readonly look: Look | undefined }) {
  const connection = useConnection();
  const credit = useCredit(place, connection?.address, look);
  const { chainId } = place.l1;
  if (connection === undefined) {
    return (
      <Connecting
        {...{ chainId, l1Url: place.l1Url }}
        purpose="It pays the gas of what you do on L1. Looking needs none, and no message is signed."
      />
    );
  }
  return (
    <Section
      title="Your wallet"
      aside={
        <button type="button" onClick={() => close()}>
          Use another wallet
        </button>
      }
    >
      <Facts>
        <Fact name={connection.name}>
          <Hash value={connection.address} what="your address" isWhole />
        </Fact>
      </Facts>
      {connection.chainId !== chainId && <WrongChain connection={connection} chainId={chainId} l1Url={place.l1Url} />}
      {credit !== undefined && credit > 0n && connection.chainId === chainId && (
        <CollectBonds place={place} credit={credit} />
      )}
    </Section>
  );
}
