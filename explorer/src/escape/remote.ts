/** The page's end of the worker. */

import { type ExitFromL1, type Survey, toSigner, type WalletSigner } from '@quittance/sdk';
import type { Eip1193 } from '../wallet/connect/eip1193.ts';
import { type Answer, errorOf, type Leaving, type News, type Order, type Question, wordsOf } from './messages.ts';
import type { EscapePlace } from './place.ts';

/** What is told while it works. */
export type Watching = (news: Extract<News, { kind: 'progress' | 'kept' | 'refused' }>) => void;

/** What the worker can be told to do, one thing at a time. */
export interface Escape {
  survey(place: EscapePlace, owner: string, watching: Watching): Promise<Survey>;
  /** @param provider the wallet that pays the gas. */
  leave(leaving: Leaving, provider: Eip1193, watching: Watching): Promise<ExitFromL1>;
  /** What runs ends with an error, after what was rebuilt is kept. */
  stop(): void;
}

async function answerTo(signer: WalletSigner, question: Question): Promise<Answer> {
  try {
    if (question.method === 'chainId') return { value: String(await signer.chainId?.()) };
    return { value: await signer.sendTransaction(question.call) };
  } catch (error) {
    return { error: wordsOf(error) };
  }
}

/** @param createWorker starts it; the browser's if not given. */
export function createEscape(
  createWorker: () => Worker = () => new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' }),
): Escape {
  let worker: Worker | undefined;
  const open = (): Worker => {
    worker ??= createWorker();
    return worker;
  };

  /** One order, and what it ends with. */
  function run<Kind extends News['kind']>(
    order: Order,
    end: Kind,
    watching: Watching,
    signer?: WalletSigner,
  ): Promise<Extract<News, { kind: Kind }>> {
    const port = open();
    return new Promise((resolve, reject) => {
      const over = (): void => {
        port.onmessage = null;
        port.onerror = null;
      };
      port.onerror = ({ message }) => {
        over();
        worker = undefined;
        reject(new Error(`the worker ended: ${message}`));
      };
      port.onmessage = ({ data }: MessageEvent<News>) => {
        if (data.kind === 'question') {
          const { id, question } = data;
          void answerTo(signer!, question).then((answer) =>
            port.postMessage({ kind: 'answer', id, answer } satisfies Order),
          );
        } else if (data.kind === 'failed') {
          over();
          reject(errorOf(data.error));
        } else if (data.kind === end) {
          over();
          resolve(data as Extract<News, { kind: Kind }>);
        } else if (data.kind === 'progress' || data.kind === 'kept' || data.kind === 'refused') watching(data);
      };
      port.postMessage(order);
    });
  }

  return {
    survey: async (place, owner, watching) =>
      (await run({ kind: 'survey', place, owner }, 'surveyed', watching)).survey,
    async leave(leaving, provider, watching) {
      const signer = await toSigner(provider);
      return (await run({ kind: 'leave', signer: signer.address, ...leaving }, 'left', watching, signer)).result;
    },
    stop: () => worker?.postMessage({ kind: 'stop' } satisfies Order),
  };
}
