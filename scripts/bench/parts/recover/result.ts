/** What `./dev bench recover` found, and what of it must not be. */

/** A sequencer that began with what one way of recovery gave. */
export interface WentOn {
  /** Whether its state was that of the last batch on L1. */
  readonly rootsEqual: boolean;
  /** Whether it made the next batch final. */
  readonly goesOn: boolean;
  /** Transfers on L1 that were refused with NONCE_USED, or acknowledged as before, when they came again. */
  readonly executedAgain: number;
  /** Acknowledged transfers that the database did not have: all of them, and those that were taken when they came again. */
  readonly unknown: number;
  readonly unknownTaken: number;
}

/** A node of a cluster that began with an empty disk, from the journal alone. */
export interface FromJournal {
  /** Batches that the journal seals when the disk is lost. */
  readonly batches: number;
  /** From its start until it leads, and has all of the journal; its lease of before has to run out first. */
  readonly seconds: number;
  /** Transfers that wallets were told are accepted. */
  readonly acknowledged: number;
  /** Of these, not in the journal where that was said. */
  readonly lost: number;
  /** In the journal, or executed, more than once. */
  readonly doubled: number;
  /** Whether its log and the headers of all its batches are those of the journal. */
  readonly headersEqual: boolean;
  /** Whether it sealed further batches. */
  readonly goesOn: boolean;
}

/** The JSON that it prints. */
export interface RecoverResult {
  readonly batches: number;
  readonly transfers: number;
  /** From an empty file and L1 alone, interrupted once in the middle. */
  readonly fromL1: WentOn & {
    readonly seconds: number;
    readonly secondsPerBatch: number;
    readonly peakBytes: number;
    /** Whether the second run went on where the first was interrupted. */
    readonly resumed: boolean;
    /** Transfers that L1 has no ids of. */
    readonly unlisted: number;
    /** The batch behind which nothing acknowledged is known, and its time: what the command says. */
    readonly knownThroughBatch: number;
    readonly knownThroughTime: number;
  };
  /** From a copy that was taken of the running sequencer halfway, brought up to L1. */
  readonly fromCopy: WentOn & {
    readonly copySeconds: number;
    readonly copyBytes: number;
    readonly seconds: number;
    /** Batches that the copy lacked. */
    readonly adopted: number;
  };
  readonly fromJournal: FromJournal;
}

function failuresOfWay(way: string, { rootsEqual, goesOn, executedAgain, unknown, unknownTaken }: WentOn): string[] {
  const failures: string[] = [];
  if (!rootsEqual) failures.push(`${way}: the state is not the one on L1`);
  if (!goesOn) failures.push(`${way}: no further batch became final`);
  if (executedAgain > 0) failures.push(`${way}: ${executedAgain} executed transfers were taken a second time`);
  if (unknownTaken < unknown)
    failures.push(`${way}: ${unknown - unknownTaken} transfers were not taken when they came again`);
  return failures;
}

function failuresOfJournal({ lost, doubled, headersEqual, goesOn }: FromJournal): string[] {
  const failures: string[] = [];
  if (lost > 0) failures.push(`from the journal: ${lost} acknowledged transfers are lost`);
  if (doubled > 0) failures.push(`from the journal: ${doubled} transfers are in it, or executed, more than once`);
  if (!headersEqual) failures.push('from the journal: the node has other headers');
  if (!goesOn) failures.push('from the journal: no further batch was sealed');
  return failures;
}

/** One sentence for each thing that is not as it has to be. */
export function failuresOf({ fromL1, fromCopy, fromJournal, batches }: RecoverResult): string[] {
  const failures = [
    ...failuresOfWay('from L1', fromL1),
    ...failuresOfWay('from a copy', fromCopy),
    ...failuresOfJournal(fromJournal),
  ];
  if (!fromL1.resumed) failures.push('from L1: the second run did not go on where the first was interrupted');
  if (fromL1.knownThroughBatch !== batches) {
    failures.push(`from L1: it says that it knows up to batch ${fromL1.knownThroughBatch}, L1 has ${batches}`);
  }
  if (fromCopy.adopted === 0) failures.push('from a copy: it lacked nothing, so nothing was shown');
  return failures;
}
