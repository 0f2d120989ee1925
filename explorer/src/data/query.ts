/** Answers of the sequencer in components: kept, asked for again when they may have changed, never of another question. */

import { isRollupError } from '@quittance/protocol';
import type { MethodName, RpcMethods } from '@quittance/rpc';
import type { SequencerClient } from '@quittance/sdk';
import { useEffect, useState } from 'preact/hooks';
import { client } from './client.ts';
import { answered, unanswered } from './connection.ts';
import { onBeat } from './pulse.ts';

/** What is known of an answer. */
export interface Query<T> {
  /** Also while it is asked for again, or could not be. */
  readonly data: T | undefined;
  /** Of the last attempt. */
  readonly error: unknown;
  readonly reload: () => void;
}

/** Answers that are kept, so that a step back shows at once what was there. */
const MAX_KEPT = 200;
const kept = new Map<string, unknown>();

function remember(key: string, data: unknown): void {
  kept.delete(key);
  kept.set(key, data);
  if (kept.size > MAX_KEPT) kept.delete(kept.keys().next().value!);
}

/** Forgets what was answered: something in it cannot be shown. */
export function forgetAnswers(): void {
  kept.clear();
}

/** Asks, and tells the page whether there was an answer. */
async function call<Name extends MethodName>(
  method: Name,
  params: RpcMethods[Name]['params'],
): Promise<RpcMethods[Name]['result']> {
  if (client === undefined) throw new Error('no sequencer is chosen');
  try {
    const result = await client.call(method, params);
    answered();
    return result;
  } catch (error) {
    const isSilent = isRollupError(error, 'RPC_UNREACHABLE') || isRollupError(error, 'RPC_TIMEOUT');
    // One that is busy has answered.
    if (isSilent && error.data['status'] === undefined) unanswered();
    else answered();
    throw error;
  }
}

interface State<T> {
  readonly key: string | undefined;
  readonly data: T | undefined;
  readonly error: unknown;
}

/** Keeps asking while a component is there. @returns how to ask now, and how to stop. */
function follow<T>(load: () => Promise<T>, isLive: boolean, tell: (data: T | undefined, error: unknown) => void) {
  let isOver = false;
  let isRunning = false;
  let isAgain = false;
  const run = async (): Promise<void> => {
    if (isRunning) {
      isAgain = true;
      return;
    }
    isRunning = true;
    const [data, error] = await load().then(
      (result): [T | undefined, unknown] => [result, undefined],
      (thrown: unknown): [T | undefined, unknown] => [undefined, thrown],
    );
    isRunning = false;
    if (isOver) return;
    hasFailed = error !== undefined;
    tell(data, error);
    if (isAgain) {
      isAgain = false;
      void run();
    }
  };
  let hasFailed = false;
  const stop = onBeat(() => {
    if (isLive || hasFailed) void run();
  });
  void run();
  return {
    run,
    end: () => {
      isOver = true;
      stop();
    },
  };
}

/**
 * What several calls answer together.
 *
 * @param key says what `load` asks for, in all that it depends on; undefined: nothing is asked.
 * @param isLive asks again when it may have changed; otherwise only until there is an answer.
 */
export function useAnswer<Result>(
  key: string | undefined,
  load: (client: Pick<SequencerClient, 'call'>) => Promise<Result>,
  isLive = true,
): Query<Result> {
  const [state, setState] = useState<State<Result>>({ key: undefined, data: undefined, error: undefined });
  const [reload, setReload] = useState<() => void>(() => () => undefined);
  useEffect(() => {
    if (key === undefined) return;
    const following = follow<Result>(
      () => load({ call }),
      isLive,
      (data, error) => {
        if (error === undefined) remember(key, data);
        setState((old) => ({ key, data: error === undefined ? data : old.key === key ? old.data : undefined, error }));
      },
    );
    setReload(() => () => void following.run());
    return following.end;
  }, [key, isLive]);
  const isOld = state.key !== key;
  const data =
    key === undefined ? undefined : ((isOld ? undefined : state.data) ?? (kept.get(key) as Result | undefined));
  return { data, error: isOld ? undefined : state.error, reload };
}

/** The answer to a call. @param params undefined: nothing is asked. @param isLive as of `useAnswer`. */
export function useQuery<Name extends MethodName>(
  method: Name,
  params: RpcMethods[Name]['params'] | undefined,
  isLive = true,
): Query<RpcMethods[Name]['result']> {
  const key = params === undefined ? undefined : `${method} ${JSON.stringify(params)}`;
  return useAnswer(key, ({ call }) => call(method, params as RpcMethods[Name]['params']), isLive);
}
