/** The one WebSocket of the page: hears of batches, and comes back by itself. */

import { socketIs } from './connection.ts';
import { beat } from './pulse.ts';
import { waitBefore } from './waiting.ts';

/** Connects to the sequencer and stays connected; each event of a batch makes the page look again. */
export function keepListening(rpcUrl: string): void {
  let attempt = 0;
  const connect = (): void => {
    const socket = new WebSocket(`${rpcUrl.replace(/^http/, 'ws')}/ws`);
    socket.addEventListener('open', () => {
      attempt = 0;
      socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'rollup_subscribe', params: { topic: 'batches' } }));
      socketIs(true);
      beat();
    });
    // What it says is asked for again over HTTP: one way to read, whether events arrive or not.
    socket.addEventListener('message', beat);
    socket.addEventListener('close', () => {
      socketIs(false);
      beat();
      setTimeout(connect, waitBefore(attempt));
      attempt += 1;
    });
  };
  connect();
}
