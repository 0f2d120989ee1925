/** What went wrong, for people: what happened, and the way on. The codes are in docs/reference; these are the ways of a page. */

import { isRollupError } from '@quittance/protocol';
import { WalletError, walletErrorCode } from './connect/eip1193.ts';

/** What a page offers as the way on, beside the sentence. */
export type WayOn = 'retry' | 'switch-chain' | 'leave' | 'reconnect' | 'none';

/** A problem as a page shows it. */
export interface Problem {
  readonly what: string;
  readonly next: string;
  readonly way: WayOn;
  /** The code of the error, for reports; undefined where it has none. */
  readonly code: string | undefined;
}

type Way = Pick<Problem, 'next' | 'way'>;

const again = (next: string): Way => ({ next, way: 'retry' });
const stop = (next: string): Way => ({ next, way: 'none' });

const NO_BLOBS =
  'Name a beacon node or an archive under “Where blobs are” (on the way out, press Change), or under Connection. It must let pages of other hosts read it (CORS).';

/** Ways on by code. What is not here has a message that says what to do. */
const WAYS: Readonly<Record<string, Way>> = {
  SIGNER_REFUSED: again('Nothing was signed and nothing was sent. Try again when you like.'),
  SIGNER_WRONG_CHAIN: {
    next: 'Nothing was signed. Let your wallet change to the chain of this rollup.',
    way: 'switch-chain',
  },
  L1_WRONG_CHAIN: {
    next: 'Nothing was sent. Check the L1 URL, the contract, and the chain that your wallet is on.',
    way: 'switch-chain',
  },
  RPC_UNREACHABLE: {
    next: 'Your money is safe on L1. Try again; if nobody answers for long, leave by L1 alone.',
    way: 'leave',
  },
  RPC_TIMEOUT: {
    next: 'It may have arrived all the same: look at the history before you send it again.',
    way: 'retry',
  },
  RPC_ANSWER_INVALID: stop(
    'The sequencer speaks another version than this page. Open the explorer that it serves itself.',
  ),
  L1_UNREACHABLE: again('Check the L1 URL, and that the node is up.'),
  BLOB_SOURCE_FAILED: again(NO_BLOBS),
  BLOB_UNAVAILABLE: again(NO_BLOBS),
  CONTRACT_ACCOUNT: stop('Open it with a secret of your own instead: see below.'),
  TRANSFER_UNCERTAIN: stop('Do not send it again: its state is shown below, and it is paid once at most.'),
  NONCE_USED: again('This one was not paid, and never will be. If you still want it, sign it again.'),
  FEE_DISPROPORTIONATE: stop('Nothing was sent. Name the fee yourself if that is what you want.'),
  RECEIVER_AMBIGUOUS: stop('Nothing was sent.'),
  TOKEN_UNSUITABLE: stop('Nothing was deposited. Exchange it for another token first.'),
  EXODUS_NOT_DUE: stop('Come back then.'),
  RPC_VERSION: stop('Open the explorer that the sequencer serves itself: it speaks the same version.'),
  INSUFFICIENT_FUNDS: stop('Nothing was sent. Put ETH for gas on your L1 address first.'),
  INSUFFICIENT_BALANCE: stop('Nothing was sent. Send less, or deposit first.'),
  FEE_TOO_LOW: again('Nothing was sent. The fee rose meanwhile: go back and confirm with the new one.'),
  RATE_LIMITED: again('Wait a little.'),
  MEMPOOL_FULL: again('Nothing was sent. Try again in a few seconds.'),
  SHUTTING_DOWN: again('The sequencer restarts. Try again in a minute.'),
  READ_ONLY: { next: 'The sequencer takes nothing at present. Withdrawing by L1 alone always works.', way: 'leave' },
  WRONG_DOMAIN: stop('Nothing was sent. This sequencer serves another rollup than the one that you opened.'),
  TIMEOUT: again('It may still come.'),
};

/** What wallets throw that is no error of ours. */
function walletProblem(error: unknown): Problem | undefined {
  const code = walletErrorCode(error);
  if (code === WalletError.rejected) {
    return { what: 'You refused this in your wallet.', ...WAYS['SIGNER_REFUSED']!, code: 'SIGNER_REFUSED' };
  }
  if (code === WalletError.pending) {
    return {
      what: 'Your wallet waits for you already.',
      ...again('Open it and answer what it asks, then try again.'),
      code: undefined,
    };
  }
  if (code !== WalletError.unauthorized) return undefined;
  return {
    what: 'Your wallet does not let this page ask.',
    ...{ next: 'Allow this page in the wallet, then connect again.', way: 'reconnect' as const },
    code: undefined,
  };
}

/** The most of a foreign message that is shown. */
const MAX_MESSAGE = 300;

/** A sentence with a capital letter and a full stop. */
function sentence(text: string): string {
  const clamped = text.length > MAX_MESSAGE ? `${text.slice(0, MAX_MESSAGE)}…` : text;
  const start = clamped.charAt(0).toUpperCase() + clamped.slice(1);
  return /[.!?…]$/.test(start) ? start : `${start}.`;
}

/** What to show of an error. */
export function problemOf(error: unknown): Problem {
  if (isRollupError(error)) {
    // What it advises on the command line, the page says in words of its own.
    const message = error.message.replace(/\.? Add --blob-source.*$/s, '');
    return { what: sentence(message), ...(WAYS[error.code] ?? stop('')), code: error.code };
  }
  const ofWallet = walletProblem(error);
  if (ofWallet !== undefined) return ofWallet;
  const message = error instanceof Error ? error.message : String((error as { message?: unknown })?.message ?? error);
  return { what: sentence(message), ...again('Try again.'), code: undefined };
}
