/** Opening the file of one's channels, by picking it or by dropping it. */

import type { TargetedEvent } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { Fact, Facts, Section } from '../parts/layout.tsx';
import { Command, Empty } from '../parts/notes.tsx';
import { Hash } from '../parts/values.tsx';
import { harmless } from '../text/untrusted.ts';
import { useAction } from '../wallet/action.ts';
import { ProblemNote } from '../wallet/ui.tsx';
import { closeFile, type Model, type OpenedFile, openFiles, openPlace, type Place, resetPlace } from './model.ts';
import { keepContract } from './place.ts';

/** Longest name and reason that are shown: others wrote them. */
const SHOWN = 200;

/** What is wrong with a file, and the way on. */
function FileProblemNote({ problem, place }: { readonly problem: Model['problem']; readonly place: Place }) {
  const change = useAction(async (contract: string) => {
    await openPlace(place.l1Url, contract);
    keepContract(contract);
    closeFile();
  });
  if (problem === undefined) return null;
  const name = harmless(problem.name, 80);
  const { chainId, constants } = place.l1;
  switch (problem.problem) {
    case 'empty':
      return (
        <Empty title={`${name} has no channels`}>
          <p>You have none with this party key, or the file was written before the first. Write it again:</p>
          <Command>quittance channel list --store channels.db --export channels.json</Command>
        </Empty>
      );
    case 'unreadable':
      return (
        <div class="error-note" role="alert">
          <p class="empty-title">{name} is no file of channels</p>
          <p>
            {harmless(problem.reason, SHOWN)}. Choose the file that this command wrote, or one that your watchtower
            reads:
          </p>
          <Command>quittance channel list --store channels.db --export channels.json</Command>
        </div>
      );
    case 'foreign-chain':
      return (
        <div class="error-note" role="alert">
          <p class="empty-title">
            {name} is of chain {String(problem.chainId)}; this L1 node is on chain {String(chainId)}
          </p>
          <p>Nothing in it counts here. Name a node of that chain:</p>
          <button type="button" onClick={resetPlace}>
            Name another L1 node
          </button>
        </div>
      );
    case 'other-contract':
      return (
        <div class="error-note" role="alert">
          <p class="empty-title">{name} is of another contract of channels</p>
          <Facts>
            <Fact name="You chose">
              <Hash value={constants.contract} what="chosen contract" isWhole />
            </Fact>
            {problem.channels !== undefined && (
              <Fact name="The file names">
                <Hash value={problem.channels} what="contract of the file" isWhole />
              </Fact>
            )}
          </Facts>
          <p>
            {problem.channels === undefined
              ? 'The file does not say which: name it above, under Change.'
              : 'If you know that address, use it, and open the file again.'}
          </p>
          {problem.channels !== undefined && (
            <button type="button" aria-disabled={change.isBusy} onClick={() => change.start(problem.channels!)}>
              {change.isBusy ? 'Asking L1…' : 'Use the contract of the file'}
            </button>
          )}
          <ProblemNote error={change.error} />
        </div>
      );
  }
}

/** Where a file is dropped or picked. */
export function FilePanel({ place, problem }: { readonly place: Place; readonly problem: Model['problem'] }) {
  const input = useRef<HTMLInputElement>(null);
  const [isOver, setOver] = useState(false);
  const open = useAction(async (files: readonly File[]) => openFiles(files));
  const take = (list: FileList | null | undefined): void => {
    if (list !== null && list !== undefined && list.length > 0) open.start([...list]);
  };
  const drop = (event: TargetedEvent<HTMLFieldSetElement, DragEvent>): void => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer?.files);
  };
  return (
    <Section title="Your channels">
      <FileProblemNote problem={problem} place={place} />
      <fieldset
        class="drop"
        aria-label="File of channels"
        data-over={isOver}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        <p class="drop-title">Open the file of your channels</p>
        <p class="muted">
          Drop it here, or choose it: one file or several, as the command or your watchtower has them.
        </p>
        <input
          ref={input}
          class="visually-hidden"
          id="channels-file"
          type="file"
          accept=".json,application/json"
          multiple
          tabIndex={-1}
          aria-label="Choose files of channels"
          onChange={({ currentTarget }) => {
            take(currentTarget.files);
            currentTarget.value = ''; // the same file can be chosen again
          }}
        />
        <button type="button" class="primary" aria-disabled={open.isBusy} onClick={() => input.current?.click()}>
          {open.isBusy ? 'Checking…' : 'Choose a file'}
        </button>
        <ProblemNote error={open.error} />
      </fieldset>
      <p class="muted">
        It is checked here, in this page: every signature, and that each vault follows from its terms. It is sent
        nowhere and not kept. To write it:
      </p>
      <Command>quittance channel list --store channels.db --export channels.json</Command>
    </Section>
  );
}

/** What was opened, and what of it L1 would not take. */
export function FileFacts({ file }: { readonly file: OpenedFile }) {
  const { channels, refused } = file.checked;
  return (
    <Section
      title="Your file"
      aside={
        <button type="button" onClick={closeFile}>
          Open another file
        </button>
      }
    >
      <p>
        <strong>{harmless(file.name, 80)}</strong>: {channels.length} {channels.length === 1 ? 'channel' : 'channels'},
        signed by both parties.
      </p>
      {refused.length > 0 && (
        <div class="error-note" role="alert">
          <p class="empty-title">
            {refused.length} {refused.length === 1 ? 'state is' : 'states are'} left out: L1 would not take{' '}
            {refused.length === 1 ? 'it' : 'them'}
          </p>
          <ul>
            {refused.slice(0, 20).map(({ vault, reason }, position) => (
              <li key={position}>
                <Hash value={vault} what="vault" />: {harmless(reason, SHOWN)}
              </li>
            ))}
          </ul>
        </div>
      )}
    </Section>
  );
}
