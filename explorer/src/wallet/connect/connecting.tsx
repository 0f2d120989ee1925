/** The wallet that is connected, or how to connect one: for pages that need no rollup key. */

import { useStore } from '../../store.ts';
import { type Connection, session } from '../session.ts';
import { Note } from '../ui.tsx';
import { ConnectPanel } from './panel.tsx';

/** The wallet that is connected; undefined while none is. */
export function useConnection(): Connection | undefined {
  const now = useStore(session);
  if (now.phase === 'open') return now.purse.connection;
  return now.phase === 'connected' || now.phase === 'deriving' ? now.connection : undefined;
}

/** While none is connected: the ways to connect one, or that it is being asked. */
export function Connecting(props: {
  readonly chainId: bigint;
  readonly l1Url: string;
  /** What a connected wallet is for. */
  readonly purpose: string;
}) {
  const now = useStore(session);
  if (now.phase === 'connecting') {
    return (
      <Note isLive>
        <p>Asking {now.name}: confirm there that this page may see your address.</p>
      </Note>
    );
  }
  const [note, error] = now.phase === 'closed' ? [now.note, now.error] : [undefined, undefined];
  return <ConnectPanel {...props} note={note} error={error} />;
}
