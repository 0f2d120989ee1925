/** Which contract of channels, on which L1: all that the page needs beside the file. */

import { endpoints, linked } from '../data/endpoints.ts';
import { keep, readKept } from '../data/storage.ts';

const CONTRACT = 'channels.contract';
const ADDRESS = /^0x[0-9a-fA-F]{40}$/;

/** Whether a text is an L1 address. */
export const isAddress = (text: string): boolean => ADDRESS.test(text.trim());

/** What the address of the page names, else what this browser kept. */
export function readContract(query: URLSearchParams): string {
  return query.get('contract')?.slice(0, 80) ?? readKept(CONTRACT) ?? '';
}

/** Keeps what was chosen for the next visit, where the browser allows that. */
export function keepContract(contract: string): void {
  keep(CONTRACT, contract.trim() === '' ? undefined : contract.trim());
}

/** Whether a link alone says which contract or node this is: then a person has to say so, too. */
export function isFromLink(query: URLSearchParams): boolean {
  if (linked.includes('l1')) return true;
  const contract = query.get('contract');
  return contract !== null && contract.toLowerCase() !== readKept(CONTRACT)?.toLowerCase();
}

/** The contract to open by itself: chosen here before, on a node that was chosen here. */
export function knownContract(query: URLSearchParams): string | undefined {
  const contract = readContract(query);
  return endpoints.l1 !== undefined && isAddress(contract) && !isFromLink(query) ? contract : undefined;
}
