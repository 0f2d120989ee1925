/** The state of the page of channels. The file stays in this page: nothing of it is kept or sent anywhere. */

import { toSigner } from '@quittance/sdk';
import { type ChannelCall, type ChannelsOnL1, openChannelsOnL1 } from '@quittance/sdk/channels';
import { createStore } from '../store.ts';
import type { Connection } from '../wallet/session.ts';
import { type CheckedFile, checkTexts, type FileProblem, MAX_FILE_BYTES } from './file.ts';
import { type ChannelReading, createReading, type Look } from './reading.ts';

/** A contract that was found on L1. */
export interface Place {
  readonly l1Url: string;
  readonly l1: ChannelsOnL1;
  readonly reading: ChannelReading;
  /** Wei for each exit. */
  readonly exitFee: bigint;
}

/** A file that was opened. */
export interface OpenedFile {
  readonly name: string;
  readonly checked: CheckedFile;
}

/** All that is known. */
export interface Model {
  readonly place: Place | undefined;
  readonly file: OpenedFile | undefined;
  /** Why the last file was not opened. */
  readonly problem: (FileProblem & { readonly name: string }) | undefined;
  readonly look: Look | undefined;
  /** Why the last look failed: what is shown is from the one before. */
  readonly lookError: unknown;
  /** What was done last, and its transaction. */
  readonly done: { readonly text: string; readonly hash: string } | undefined;
}

const EMPTY: Model = {
  place: undefined,
  file: undefined,
  problem: undefined,
  look: undefined,
  lookError: undefined,
  done: undefined,
};

/** The model of this page. */
export const model = createStore<Model>(EMPTY);

/** Changes a part of it. */
function change(part: Partial<Model>): void {
  model.set({ ...model.get(), ...part });
}

/** Connects to the contract. @throws RollupError L1_UNREACHABLE, L1_WRONG_CHAIN. */
export async function openPlace(l1Url: string, contract: string): Promise<void> {
  const l1 = await openChannelsOnL1({ url: l1Url, contract: contract.trim() });
  const exitFee = await l1.exitFee();
  model.get().place?.l1.close();
  change({ place: { l1Url, l1, reading: createReading(l1), exitFee }, look: undefined, lookError: undefined });
}

/** Begins with another contract; the file has to be opened again. */
export function resetPlace(): void {
  model.get().place?.l1.close();
  model.set(EMPTY);
}

/** Opens files that a person chose, all of them together. */
export async function openFiles(files: readonly Pick<File, 'name' | 'size' | 'text'>[]): Promise<void> {
  const { place } = model.get();
  const [first, ...others] = files;
  if (place === undefined || first === undefined) return;
  const name = others.length === 0 ? first.name : `${first.name} and ${others.length} more`;
  if (files.reduce((sum, { size }) => sum + size, 0) > MAX_FILE_BYTES) {
    const reason = `there are more than ${MAX_FILE_BYTES / 1_024 / 1_024} MB`;
    return change({ problem: { name, problem: 'unreadable', reason } });
  }
  const { chainId, constants, reader } = place.l1;
  const contract = { chainId, channels: constants.contract, vaultOf: reader.vaultOf };
  const texts = await Promise.all(files.map((file) => file.text()));
  const checked = checkTexts(texts, contract);
  if ('problem' in checked) return change({ problem: { name, ...checked } });
  change({ file: { name, checked }, problem: undefined, look: undefined, done: undefined });
  await lookAgain();
}

/** Puts the file away. */
export function closeFile(): void {
  change({ file: undefined, problem: undefined, look: undefined, lookError: undefined, done: undefined });
}

let isLooking = false;

/** Reads L1 again; what goes wrong is shown beside what was read before. */
export async function lookAgain(): Promise<void> {
  const { place, file } = model.get();
  if (place === undefined || file === undefined || isLooking) return;
  isLooking = true;
  try {
    const look = await place.reading.look(file.checked.channels);
    if (model.get().file === file) change({ look, lookError: undefined });
  } catch (error) {
    if (model.get().file === file) change({ lookError: error });
  } finally {
    isLooking = false;
  }
}

/** Sends a call by the wallet, and waits until it is in a block. @throws RollupError, also where the person refuses. */
export async function send(connection: Connection, call: ChannelCall, text: string): Promise<void> {
  const { place } = model.get();
  if (place === undefined) return;
  const signer = await toSigner(connection.provider);
  const hash = await signer.sendTransaction(call);
  await place.l1.included(hash);
  change({ done: { text, hash } });
  place.reading.forget();
  await lookAgain();
}
