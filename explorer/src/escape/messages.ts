/** What the page and its worker say to each other. Everything is data that a browser can copy; bigints among it. */

import { type ErrorCode, type ErrorData, isErrorCode, isRollupError, RollupError } from '@quittance/protocol';
import type { ExitFromL1, RefusedPayment, Survey } from '@quittance/sdk';
import type { EscapePlace } from './place.ts';

/** Who leaves which rollup. */
export interface Leaving {
  readonly place: EscapePlace;
  readonly owner: string;
  /** Where final withdrawals are all that is left: anybody may claim them for their owner at any time. */
  readonly onlyClaims: boolean;
  /** Accounts to leave with; others stay. */
  readonly accounts: readonly number[];
  /** Wei below which a withdrawal is not worth its claim. */
  readonly minClaim: bigint;
}

/** What the worker does. */
export type Order =
  | { readonly kind: 'survey'; readonly place: EscapePlace; readonly owner: string }
  /** `signer` pays the gas, `owner` gets the money. */
  | ({ readonly kind: 'leave'; readonly signer: string } & Leaving)
  /** Keeps what was rebuilt and ends the order that runs. */
  | { readonly kind: 'stop' }
  /** What the wallet answered to a question. */
  | { readonly kind: 'answer'; readonly id: number; readonly answer: Answer };

/** What only the page can ask: the wallet lives there. */
export type Question =
  | { readonly method: 'chainId' }
  | {
      readonly method: 'sendTransaction';
      readonly call: { readonly to: string; readonly data: string; readonly value: bigint };
    };

/** How a question ended. */
export type Answer = { readonly value: string } | { readonly error: ErrorWords };

/** An error in words that can be copied. */
export interface ErrorWords {
  readonly code: string | undefined;
  readonly message: string;
  readonly data: ErrorData;
}

/** What the worker tells. */
export type News =
  | { readonly kind: 'progress'; readonly step: string; readonly done: number; readonly total: number }
  /** @param isLasting whether the browser keeps it when the page is closed. */
  | { readonly kind: 'kept'; readonly isLasting: boolean }
  | { readonly kind: 'refused'; readonly refused: RefusedPayment }
  | { readonly kind: 'question'; readonly id: number; readonly question: Question }
  | { readonly kind: 'surveyed'; readonly survey: Survey }
  | { readonly kind: 'left'; readonly result: ExitFromL1 }
  | { readonly kind: 'failed'; readonly error: ErrorWords };

/** An error as words. */
export function wordsOf(error: unknown): ErrorWords {
  if (isRollupError(error)) return { code: error.code, message: error.message, data: error.data };
  const message = error instanceof Error ? error.message : String(error);
  return { code: undefined, message, data: {} };
}

/** The error of words. */
export function errorOf({ code, message, data }: ErrorWords): Error {
  if (code === undefined || !isErrorCode(code)) return new Error(message);
  return new (RollupError as new (code: ErrorCode, message: string, data: ErrorData) => RollupError)(
    code,
    message,
    data,
  );
}
