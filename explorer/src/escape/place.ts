/** Where the rollup is on L1: all that leaving needs to know. */

import { endpoints, linked } from '../data/endpoints.ts';
import { keep, readKept } from '../data/storage.ts';
import { href } from '../text/places.ts';

/** A rollup on L1. */
export interface EscapePlace {
  readonly l1Url: string;
  /** Address of the rollup contract. */
  readonly contract: string;
  /** Block of its deployment, or one before it. */
  readonly fromBlock: number;
  /** Where blobs may be had; empty where nobody named any. */
  readonly blobUrls: readonly string[];
}

/** What stands in the form, as text. */
export interface PlaceDraft {
  readonly contract: string;
  readonly fromBlock: string;
}

const CONTRACT = 'escape.contract';
const FROM_BLOCK = 'escape.fromBlock';
const ADDRESS = /^0x[0-9a-fA-F]{40}$/;
const BLOCK = /^\d{1,15}$/;

/** What the address of the page names, else what this browser kept. */
export function readDraft(query: URLSearchParams): PlaceDraft {
  const contract = query.get('contract');
  if (contract !== null) return { contract: contract.slice(0, 80), fromBlock: (query.get('from') ?? '').slice(0, 20) };
  return { contract: readKept(CONTRACT) ?? '', fromBlock: readKept(FROM_BLOCK) ?? '' };
}

/** What of the endpoints leaving has to do with. */
export const L1_NAMES = ['l1', 'blobs', 'l1explorer'] as const;

/** Whether a link alone says which rollup this is, or on which L1: then a person has to say so, too, before it is used. */
export function isFromLink(query: URLSearchParams): boolean {
  if (L1_NAMES.some((name) => linked.includes(name))) return true;
  const contract = query.get('contract');
  if (contract === null) return false;
  const isKnown = contract.toLowerCase() === readKept(CONTRACT)?.toLowerCase();
  return !isKnown || (query.get('from') || '0') !== (readKept(FROM_BLOCK) || '0');
}

/** The rollup of a draft, or what is wrong with it by field. */
export function placeOf(
  draft: PlaceDraft,
): { readonly place: EscapePlace } | { readonly problems: Partial<Record<'contract' | 'fromBlock' | 'l1', string>> } {
  const contract = draft.contract.trim();
  const fromBlock = draft.fromBlock.trim() === '' ? '0' : draft.fromBlock.trim();
  const isAddress = ADDRESS.test(contract);
  const isBlock = BLOCK.test(fromBlock);
  const l1Url = endpoints.l1;
  if (l1Url !== undefined && isAddress && isBlock) {
    const blobUrls = endpoints.blobs?.split(',') ?? [];
    return { place: { l1Url, contract: contract.toLowerCase(), fromBlock: Number(fromBlock), blobUrls } };
  }
  return {
    problems: {
      ...(l1Url === undefined ? { l1: 'Name an L1 node.' } : {}),
      ...(isAddress ? {} : { contract: 'The contract is an L1 address: 0x and 40 hexadecimal digits.' }),
      ...(isBlock ? {} : { fromBlock: 'A block is a whole number.' }),
    },
  };
}

/** Keeps what was typed for the next visit, where the browser allows that. */
export function keepDraft({ contract, fromBlock }: PlaceDraft): void {
  keep(CONTRACT, contract.trim() === '' ? undefined : contract.trim());
  keep(FROM_BLOCK, fromBlock.trim() === '' ? undefined : fromBlock.trim());
}

/** Keeps where the rollup of an opened wallet is: the day its sequencer is gone, the way out knows. */
export function keepPlace(contract: string, fromBlock: number): void {
  keepDraft({ contract, fromBlock: String(fromBlock) });
}

/** A link that opens this page with the same rollup, from any host that has it. */
export function linkTo(
  page: Pick<Location, 'origin' | 'pathname'>,
  { l1Url, contract, fromBlock, blobUrls }: EscapePlace,
): string {
  const search = new URLSearchParams({ l1: l1Url, ...(blobUrls.length === 0 ? {} : { blobs: blobUrls.join(',') }) });
  return `${page.origin}${page.pathname}?${search}${href('/exit', { contract, from: String(fromBlock) })}`;
}
