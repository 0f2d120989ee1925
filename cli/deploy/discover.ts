/** Every contract of a rollup on L1, found from the rollup's address alone, with its code compared. */

import { translateChainError } from '@quittance/chain';
import { Contract, type JsonRpcProvider, ZeroAddress } from 'ethers';
import { type ContractName, readArtifact } from './artifacts.ts';
import { type ComparedCode, compareCode } from './bytecode.ts';

/** A contract where it stands. */
export interface FoundContract extends ComparedCode {
  readonly name: ContractName;
  readonly address: string;
}

/** What follows from a rollup's address. */
export interface Discovery {
  readonly contracts: readonly FoundContract[];
  /** Calls a view of one of them. @throws RollupError L1_REJECTED, L1_UNREACHABLE. */
  view<T>(name: ContractName, view: string, ...args: readonly unknown[]): Promise<T>;
  /** Whether the rollup has it. */
  has(name: ContractName): boolean;
}

/** The code of an address. @throws RollupError L1_UNREACHABLE. */
export async function codeAt(provider: JsonRpcProvider, address: string): Promise<string> {
  try {
    return await provider.getCode(address);
  } catch (error) {
    throw translateChainError(`reading the code of ${address}`, error);
  }
}

/**
 * Follows the rollup's own views, and the addresses of libraries in its code.
 *
 * @throws RollupError L1_REJECTED when the address has no such views, L1_UNREACHABLE.
 */
export async function discover(provider: JsonRpcProvider, rollup: string): Promise<Discovery> {
  const found = new Map<ContractName, FoundContract>();
  const add = async (name: ContractName, address: string): Promise<void> => {
    const compared = compareCode(readArtifact(name), await codeAt(provider, address));
    found.set(name, { name, address, ...compared });
    for (const [library, at] of Object.entries(compared.libraries)) {
      if (at !== undefined) await add(library as ContractName, at);
    }
  };
  const view = async <T>(name: ContractName, what: string, ...args: readonly unknown[]): Promise<T> => {
    const contract = new Contract(found.get(name)!.address, readArtifact(name).abi, provider);
    try {
      return (await contract.getFunction(what)(...args)) as T;
    } catch (error) {
      throw translateChainError(`reading ${what} of ${name}`, error);
    }
  };
  await add('Rollup', rollup);
  await add('Timelock', await view('Rollup', 'owner'));
  await add('Groth16BatchVerifier', await view('Rollup', 'verifier'));
  await add('Poseidon4', await view('Rollup', 'poseidon'));
  const assertions = await view<string>('Rollup', 'assertions');
  if (assertions !== ZeroAddress) {
    await add('Assertions', assertions);
    await add('StepVerifier', await view('Assertions', 'stepVerifier'));
    await add('Poseidon5', await view('StepVerifier', 'poseidon5'));
  }
  return { contracts: [...found.values()], view, has: (name) => found.has(name) };
}
