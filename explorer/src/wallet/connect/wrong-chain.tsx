/** A wallet on another chain than the rollup's: said before anything is signed, with the way to the right one. */

import { useAction } from '../action.ts';
import { type Connection, refreshChain } from '../session.ts';
import { ActionButton, ProblemNote } from '../ui.tsx';
import { switchChain } from './switch-chain.ts';

/** Names both chains, and asks the wallet to change. */
export function WrongChain(props: {
  readonly connection: Connection;
  readonly chainId: bigint;
  readonly l1Url: string | undefined;
}) {
  const { connection, chainId, l1Url } = props;
  const change = useAction(async () => {
    await switchChain(connection.provider, chainId, l1Url);
    await refreshChain();
  });
  return (
    <div class="error-note" role="alert">
      <p class="empty-title">
        {connection.name} is on chain {String(connection.chainId)}; this rollup is on chain {String(chainId)}
      </p>
      <p>Nothing is signed or sent until it is on the right one.</p>
      <ActionButton action={change} busy="Waiting for the wallet…">
        Change to chain {String(chainId)}
      </ActionButton>
      <ProblemNote error={change.error} retry={change.start} />
    </div>
  );
}
