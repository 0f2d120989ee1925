/** A change by the owner, which is a timelock: announced, then executed after the delay. */

import { translateChainError } from '@quittance/chain';
import { isRollupError, RollupError } from '@quittance/protocol';
import { AbiCoder, Contract, Interface, keccak256, toBeHex, ZeroHash } from 'ethers';
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

/** What one step did. */
export interface Change {
  readonly timelock: string;
  readonly id: string;
  readonly state: 'scheduled' | 'waiting' | 'executed' | 'done before';
  /** Unix seconds from which it can be executed. */
  readonly readyAt: number | undefined;
}

/** Owner of the rollup contract. */
async function readOwner({ reader, l1 }: Session): Promise<string> {
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

/**
 * Takes the next step of a change: announces it, or executes it when it has waited long enough. Called again with the
 * same values it resumes where it left off.
 *
 * @param number distinguishes changes that are otherwise equal.
 * @throws RollupError L1_REJECTED, for example when the account may not propose.
 */
export async function advance(
  session: Session,
  name: string,
  args: readonly unknown[],
  number: number,
): Promise<Change> {
  const { rollup, reader, l1 } = session;
  const address = await readOwner(session);
  const timelock = new Contract(address, TIMELOCK, l1.provider);
  const data = rollup.interface.encodeFunctionData(name, args);
  const salt = toBeHex(number, 32);
  const id = operationId(reader.contract, data, salt);
  const read = async (what: string, ...values: unknown[]): Promise<bigint> => {
    try {
      return (await timelock.getFunction(what)(...values)) as bigint;
    } catch (error) {
      throw translateChainError(`reading ${what} of the owner ${address} (is it a timelock?)`, error);
    }
  };
  const call = (what: string, values: readonly unknown[]) =>
    send(session, { to: address, data: timelock.interface.encodeFunctionData(what, values) }).catch(
      (error: unknown) => {
        throw inWords(error, address);
      },
    );
  const readyAt = await read('getTimestamp', id);
  if (readyAt === DONE) return { timelock: address, id, state: 'done before', readyAt: undefined };
  if (readyAt === 0n) {
    const delay = await read('getMinDelay');
    await call('schedule', [reader.contract, 0, data, ZeroHash, salt, delay]);
    const scheduled = Number(await read('getTimestamp', id));
    return { timelock: address, id, state: 'scheduled', readyAt: scheduled };
  }
  const { timestamp } = await reader.head();
  if (timestamp < Number(readyAt)) return { timelock: address, id, state: 'waiting', readyAt: Number(readyAt) };
  await call('execute', [reader.contract, 0, data, ZeroHash, salt]);
  return { timelock: address, id, state: 'executed', readyAt: Number(readyAt) };
}

/** @throws RollupError DEPLOYMENT_MISMATCH when the contract does not say what was executed. */
export function requireEffect(change: Change, isThere: boolean): void {
  if (change.state !== 'executed' || isThere) return;
  throw new RollupError('DEPLOYMENT_MISMATCH', `operation ${change.id} was executed, but the contract says otherwise`);
}
