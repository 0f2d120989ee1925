/** Single values: hashes, amounts, times, links to what they name. */

import type { ConfigJson } from '@quittance/rpc';
import { useEffect, useState } from 'preact/hooks';
import { tokenOf } from '../data/config.ts';
import { endpoints } from '../data/endpoints.ts';
import { amountText, countText } from '../text/amounts.ts';
import { href } from '../text/places.ts';
import { absoluteText, relativeText } from '../text/times.ts';
import { referenceText } from '../text/untrusted.ts';
import { Icon } from './icons.tsx';
import { useNow } from './now.ts';

/** How long the button says that it copied. */
const COPIED_MS = 1_500;

/** Copies a text. @param what it is, for the button's name. */
function Copy({ text, what }: { readonly text: string; readonly what: string }) {
  const [state, setState] = useState<'ready' | 'copied' | 'denied'>('ready');
  useEffect(() => {
    if (state === 'ready') return;
    const timer = setTimeout(() => setState('ready'), COPIED_MS);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = (): void => {
    // Where the page is not secure, there is no clipboard.
    const writing = navigator.clipboard?.writeText(text) ?? Promise.reject(new Error('no clipboard'));
    writing.then(
      () => setState('copied'),
      () => setState('denied'),
    );
  };
  const name = { ready: `Copy ${what}`, copied: 'Copied', denied: 'The browser does not allow copying' }[state];
  return (
    <button type="button" class="copy" onClick={copy} aria-label={name} title={name}>
      <Icon name={{ ready: 'copy', copied: 'check', denied: 'cross' }[state] as 'copy'} />
    </button>
  );
}

/** Digits that are left at each end of what is shortened. */
const ENDS = 6;

/** `0x1234…abcd` of anything long. */
export function shorten(text: string, ends = ENDS): string {
  const head = ends + (text.startsWith('0x') ? 2 : 0);
  return text.length <= head + ends + 1 ? text : `${text.slice(0, head)}…${text.slice(-ends)}`;
}

interface HashProps {
  readonly value: string;
  /** What it is: “header hash”. */
  readonly what: string;
  readonly to?: string | undefined;
  /** Whole where there is room, broken over lines. */
  readonly isWhole?: boolean;
}

/** A hash, an id or an address, shortened; whole on hover, and to copy. */
export function Hash({ value, what, to, isWhole = false }: HashProps) {
  const text = isWhole ? value : shorten(value);
  return (
    <span class={isWhole ? 'hash whole' : 'hash'}>
      {to === undefined ? (
        <span class="mono" title={value}>
          {text}
        </span>
      ) : (
        <a class="mono" href={to} title={value}>
          {text}
        </a>
      )}
      <Copy text={value} what={what} />
    </span>
  );
}

const HASH_PATTERN = /^0x[0-9a-fA-F]{64}$/;

/** A transaction of L1, with a link where a block explorer was chosen. */
export function L1Transaction({ hash, isWhole = false }: { readonly hash: string; readonly isWhole?: boolean }) {
  // What is no hash goes into no address.
  if (endpoints.l1explorer === undefined || !HASH_PATTERN.test(hash))
    return <Hash value={hash} what="L1 transaction" isWhole={isWhole} />;
  return (
    <span class="hash">
      <a
        class="mono"
        href={`${endpoints.l1explorer}/tx/${hash}`}
        title={hash}
        target="_blank"
        rel="noopener noreferrer"
      >
        {isWhole ? hash : shorten(hash)}
        <Icon name="out" />
        <span class="visually-hidden"> (another site)</span>
      </a>
      <Copy text={hash} what="L1 transaction" />
    </span>
  );
}

interface AmountProps {
  readonly config: ConfigJson | undefined;
  readonly tokenId: number;
  /** Base units; null where it is not known yet. */
  readonly amount: string | null;
  /** In or out of an account. */
  readonly sign?: '+' | '−' | undefined;
}

/** An exact amount with its token. */
export function Amount({ config, tokenId, amount, sign }: AmountProps) {
  const { symbol, decimals } = tokenOf(config, tokenId);
  if (amount === null) return <span class="muted">not known yet</span>;
  const text = decimals === undefined ? countText(BigInt(amount)) : amountText(BigInt(amount), decimals);
  const exact = `${countText(BigInt(amount))} base units of token ${tokenId}`;
  return (
    <span class="amount" title={exact}>
      {sign}
      {text} <span class="symbol">{decimals === undefined ? `units of ${symbol}` : symbol}</span>
    </span>
  );
}

/** A time: how long ago, exactly on hover. */
export function Time({ atMs }: { readonly atMs: number }) {
  const now = useNow();
  return (
    <time dateTime={new Date(atMs).toISOString()} title={absoluteText(atMs)}>
      {relativeText(atMs, now)}
    </time>
  );
}

/** What stands for a value that is not there. */
export function None({ children = '–' }: { readonly children?: string }) {
  return <span class="muted">{children}</span>;
}

/** A batch by its number. */
export function BatchLink({ number }: { readonly number: number }) {
  return <a href={href(`/batch/${number}`)}>#{countText(number)}</a>;
}

/** An account by its index. */
export function AccountLink({ index }: { readonly index: number }) {
  return (
    <a class="whole-word" href={href(`/account/${index}`)}>
      account {index}
    </a>
  );
}

/** A payment reference: text where it is text, and in quotes, so that nobody takes it for ours. */
export function Reference({ bytes }: { readonly bytes: string }) {
  const text = referenceText(bytes);
  const to = href('/search', { q: bytes });
  return (
    <a class="reference" href={to} title={bytes}>
      {text === undefined ? <span class="mono">{shorten(bytes, 12)}</span> : <q>{text}</q>}
    </a>
  );
}
