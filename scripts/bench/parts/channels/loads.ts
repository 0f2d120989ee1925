/** Payments one after the other, so many at a time or so many a second, and how long each took. */

/** What came of payments. */
export interface Load {
  readonly payments: number;
  readonly seconds: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

type Pay = (index: number) => Promise<unknown>;

/** @param times milliseconds of each payment. */
export function loadOf(times: readonly number[], seconds: number): Load {
  const sorted = [...times].sort((one, other) => one - other);
  const quantile = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
  const perSecond = times.length / seconds;
  return { payments: times.length, seconds, perSecond, p50Ms: quantile(0.5), p99Ms: quantile(0.99) };
}

/** Makes `count` payments, `inFlight` of them at any time: as many as there can be. */
export async function payClosed(count: number, inFlight: number, pay: Pay): Promise<Load> {
  const times: number[] = [];
  const beginMs = performance.now();
  let next = 0;
  const payer = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) {
      const startMs = performance.now();
      await pay(index);
      times.push(performance.now() - startMs);
    }
  };
  await Promise.all(Array.from({ length: Math.min(inFlight, count) }, payer));
  return loadOf(times, (performance.now() - beginMs) / 1_000);
}

/** Between two looks at what is due. */
const STEP_MS = 1;

/**
 * Makes `count` payments, `perSecond` of them a second, `most` of them at any time at most. A payment's time begins when it is due:
 * one that could not be begun in time was waiting.
 */
export async function payAt(count: number, perSecond: number, most: number, pay: Pay): Promise<Load> {
  const times: number[] = [];
  const beginMs = performance.now();
  const paid: Promise<void>[] = [];
  while (paid.length < count) {
    const due = Math.floor(((performance.now() - beginMs) / 1_000) * perSecond) + 1;
    const next = Math.min(count, due, times.length + most);
    for (let index = paid.length; index < next; index += 1) {
      const dueMs = beginMs + (1_000 * index) / perSecond;
      paid.push(pay(index).then(() => void times.push(performance.now() - dueMs)));
    }
    await new Promise((resolve) => void setTimeout(resolve, STEP_MS));
  }
  await Promise.all(paid);
  return loadOf(times, (performance.now() - beginMs) / 1_000);
}
