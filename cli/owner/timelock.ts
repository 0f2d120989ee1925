/** A change by the owner, which is a timelock: announced, then executed after the delay. */

import { type RollupReader, rollupInterface, translateChainError } from '@quittance/chain';
import { isRollupError, RollupError } from '@quittance/protocol';
import { AbiCoder, Contract, Interface, keccak256, toBeHex, ZeroHash } from 'ethers';
import type { L1 } from '../l1/connect.ts';
import { UsageError } from '../process/errors.ts';
import { type Session, send } from '../wallet/session.ts';

const TIMELOCK = [
  'function getMinDelay() view returns (uint256)',
  'function getTimestamp(bytes32 id) view returns (uint256)',
  'function schedule(address target, uint256 value, bytes data, bytes32 predecessor, bytes32 salt, uint256 delay)',
  'function execute(address target, uint256 value, bytes payload, bytes32 predecessor, bytes32 salt) payable',
  'error TimelockInsufficientDelay(uint256 delay, uint256 minDelay)',
  'error TimelockUnexpectedOperationState(bytes32 operationId, bytes32 expectedStates)',
  'error AccessControlUnauthorizedAccount(address account, bytes32 neededRole)',
];

/** Timestamp of an operation that was executed (OpenZeppelin's TimelockController). */
const DONE = 1n;

/** A change that is wanted of the rollup. */
export interface Wanted {
  readonly name: 'setProducer' | 'setPriorityFee';
  readonly args: readonly unknown[];
  /** Distinguishes changes that are otherwise equal. */
  readonly number: number;
}

/** What one step did. */
export interface Change {
  readonly timelock: string;
  readonly id: string;
  readonly state: 'scheduled' | 'waiting' | 'executed' | 'done before';
  /** Unix seconds from which it can be executed. */
  readonly readyAt: number | undefined;
}

/** The step that is next: a call to the timelock, or nothing while it waits and when it is done. */
export interface Step extends Pick<Change, 'timelock' | 'id' | 'readyAt'> {
  readonly next: 'schedule' | 'execute' | 'wait' | 'none';
  /** Calldata for the timelock, which takes no money. */
  readonly data: string | undefined;
}

/** What is read. */
export interface Ground {
  readonly l1: L1;
  readonly reader: RollupReader;
}

/** Owner of the rollup contract. */
async function readOwner({ reader, l1 }: Ground): Promise<string> {
  try {
    const rollup = new Contract(reader.contract, ['function owner() view returns (address)'], l1.provider);
    return (await rollup.getFunction('owner')()) as string;
  } catch (error) {
    throw translateChainError('reading owner', error);
  }
}

/** OpenZeppelin's hashOperation. */
function operationId(target: string, data: string, salt: string): string {
  const types = ['address', 'uint256', 'bytes', 'bytes32', 'bytes32'];
  return keccak256(AbiCoder.defaultAbiCoder().encode(types, [target, 0, data, ZeroHash, salt]));
}

/** The timelock's own errors as sentences; any other error as it is. */
export function inWords(error: unknown, timelock: string): unknown {
  const data = isRollupError(error, 'L1_REJECTED') ? error.data['data'] : undefined;
  const refusal = typeof data === 'string' ? new Interface(TIMELOCK).parseError(data) : null;
  if (refusal === null) return error;
  const { name, args } = refusal;
  const reason =
    name === 'AccessControlUnauthorizedAccount'
      ? `${String(args[0])} may not change this rollup: it is no proposer of its timelock`
      : `the timelock refused: ${name}(${args.map(String).join(', ')})`;
  return new RollupError('L1_REJECTED', `${reason} (${timelock})`, { error: name, timelock }, { cause: error });
}

/** The timestamp of an operation, by what getTimestamp of the timelock answers. */
async function ask({ l1 }: Ground, timelock: string, what: string, ...values: unknown[]): Promise<bigint> {
  try {
    return (await new Contract(timelock, TIMELOCK, l1.provider).getFunction(what)(...values)) as bigint;
  } catch (error) {
    throw translateChainError(`reading ${what} of the owner ${timelock} (is it a timelock?)`, error);
  }
}

/** The next step of a change. Sends nothing. @throws RollupError L1_REJECTED or L1_UNREACHABLE. */
export async function nextStep(ground: Ground, { name, args, number }: Wanted): Promise<Step> {
  const { reader } = ground;
  const timelock = await readOwner(ground);
  const change = rollupInterface.encodeFunctionData(name, args);
  const salt = toBeHex(number, 32);
  const id = operationId(reader.contract, change, salt);
  const calls = new Interface(TIMELOCK);
  const readyAt = await ask(ground, timelock, 'getTimestamp', id);
  if (readyAt === DONE) return { timelock, id, readyAt: undefined, next: 'none', data: undefined };
  if (readyAt === 0n) {
    const delay = await ask(ground, timelock, 'getMinDelay');
    const data = calls.encodeFunctionData('schedule', [reader.contract, 0, change, ZeroHash, salt, delay]);
    return { timelock, id, readyAt: undefined, next: 'schedule', data };
  }
  const isEarly = (await reader.head()).timestamp < Number(readyAt);
  const data = calls.encodeFunctionData('execute', [reader.contract, 0, change, ZeroHash, salt]);
  const found = { timelock, id, readyAt: Number(readyAt) };
  return isEarly ? { ...found, next: 'wait', data: undefined } : { ...found, next: 'execute', data };
}

/**
 * Takes the next step of a change: announces it, or executes it when it has waited long enough. Called again with the
 * same values it resumes where it left off.
 *
 * @throws RollupError L1_REJECTED, for example when the account may not propose.
 */
export async function advance(session: Session, wanted: Wanted): Promise<Change> {
  const { timelock, id, readyAt, next, data } = await nextStep(session, wanted);
  if (data === undefined) return { timelock, id, state: next === 'none' ? 'done before' : 'waiting', readyAt };
  await send(session, { to: timelock, data }).catch((error: unknown) => {
    throw inWords(error, timelock);
  });
  if (next === 'execute') return { timelock, id, state: 'executed', readyAt };
  return { timelock, id, state: 'scheduled', readyAt: Number(await ask(session, timelock, 'getTimestamp', id)) };
}

/**
 * @throws RollupError DEPLOYMENT_MISMATCH when the contract does not say what was executed.
 * @throws UsageError when it was executed before and is not in force any more: the timelock executes each operation once.
 */
export function requireEffect({ id, state }: Pick<Change, 'id' | 'state'>, isThere: boolean): void {
  if (isThere) return;
  if (state === 'done before') {
    const reason = 'this change was executed before, and another one is in force since; a timelock executes each once';
    throw new UsageError(`${reason}: to make it again, give --change a number that was not used for it`);
  }
  if (state !== 'executed') return;
  throw new RollupError('DEPLOYMENT_MISMATCH', `operation ${id} was executed, but the contract says otherwise`);
}
