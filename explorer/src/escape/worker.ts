/**
 * Rebuilds and leaves off the page's own thread, so that the page can be used meanwhile. It has no wallet: what a wallet must do
 * it asks the page for.
 */

import { createWallet, type RefusedPayment, surveyL1, type WalletSigner } from '@quittance/sdk';
import { openKeptState } from './kept-state.ts';
import { type Answer, errorOf, type News, type Order, type Question, wordsOf } from './messages.ts';
import type { EscapePlace } from './place.ts';

/** The other end of the worker. */
interface Port {
  postMessage(news: News): void;
  onmessage: ((event: { readonly data: Order }) => void) | null;
}

const port = globalThis as unknown as Port;
const questions = new Map<number, (answer: Answer) => void>();
let asked = 0;
let running: AbortController | undefined;

function ask(question: Question): Promise<string> {
  asked += 1;
  const id = asked;
  return new Promise((resolve, reject) => {
    questions.set(id, (answer) => ('value' in answer ? resolve(answer.value) : reject(errorOf(answer.error))));
    port.postMessage({ kind: 'question', id, question });
  });
}

/** The wallet of the page. */
function signerOf(address: string): WalletSigner {
  return {
    address,
    signMessage: () => Promise.reject(new Error('leaving signs no message')),
    sendTransaction: (call) => ask({ method: 'sendTransaction', call }),
    chainId: async () => BigInt(await ask({ method: 'chainId' })),
  };
}

/** L1 with what was kept of the rollup. */
async function l1Of(place: EscapePlace) {
  const kept = await openKeptState(place.contract, globalThis.indexedDB);
  port.postMessage({ kind: 'kept', isLasting: kept.isLasting });
  const { l1Url: url, contract, fromBlock } = place;
  // Nobody says which kind a place is of: a beacon node answers where an archive does not, and the other way round.
  const blobUrls = place.blobUrls.flatMap((one) => [
    { kind: 'beacon' as const, url: one },
    { kind: 'mirror' as const, url: one },
  ]);
  return { url, contract, fromBlock, blobUrls, state: kept };
}

const onProgress = ({
  step,
  done,
  total,
}: {
  readonly step: string;
  readonly done: number;
  readonly total: number;
}): void => port.postMessage({ kind: 'progress', step, done, total });

/** A secret that nobody knows: leaving needs no rollup key, as L1 pays the owner whichever key an account has. */
function unusedSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return `0x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

async function leave(order: Extract<Order, { kind: 'leave' }>, signal: AbortSignal): Promise<News> {
  const { place, owner, signer, onlyClaims, accounts, minClaim } = order;
  const wallet = await createWallet({ signer: signerOf(signer), rollupSecret: unusedSecret(), l1: await l1Of(place) });
  const onRefused = (refused: RefusedPayment): void => port.postMessage({ kind: 'refused', refused });
  try {
    if (onlyClaims) {
      onProgress({ step: 'claiming', done: 0, total: 0 });
      const paid = await wallet.claim({ owner, signal, onRefused, minAmount: minClaim });
      return { kind: 'left', result: { state: 'empty', paid, left: [] } };
    }
    return { kind: 'left', result: await wallet.exitFromL1({ owner, accounts, signal, onProgress, onRefused }) };
  } finally {
    wallet.close();
  }
}

async function obey(order: Exclude<Order, { kind: 'stop' | 'answer' }>, signal: AbortSignal): Promise<News> {
  if (order.kind === 'leave') return leave(order, signal);
  const { place, owner } = order;
  return { kind: 'surveyed', survey: await surveyL1({ l1: await l1Of(place), owner, signal, onProgress }) };
}

port.onmessage = ({ data: order }) => {
  if (order.kind === 'answer') {
    questions.get(order.id)?.(order.answer);
    questions.delete(order.id);
    return;
  }
  if (order.kind === 'stop') {
    running?.abort(new Error('stopped'));
    return;
  }
  const controller = new AbortController();
  running = controller;
  obey(order, controller.signal)
    .catch((error: unknown): News => ({ kind: 'failed', error: wordsOf(error) }))
    .then((news) => port.postMessage(news));
};
