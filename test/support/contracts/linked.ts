/** Contracts whose code is linked: each library that a contract names is deployed before it. */

import { ContractFactory } from 'ethers';
import hre from 'hardhat';
import type { L1 } from './deployment.ts';

/** The libraries that a contract's code has places for, by name. */
async function librariesOf(name: string): Promise<readonly string[]> {
  const { linkReferences } = await hre.artifacts.readArtifact(name);
  return Object.values(linkReferences).flatMap((byName) => Object.keys(byName));
}

/**
 * Deploys a contract, and first the libraries that it is linked to.
 *
 * @param nextBlock before each transaction.
 */
export async function deployLinked(
  ethers: L1['ethers'],
  name: string,
  parameters: readonly unknown[] = [],
  nextBlock: () => Promise<void> = async () => undefined,
) {
  const libraries: Record<string, string> = {};
  const [signer] = await ethers.getSigners();
  for (const library of await librariesOf(name)) {
    const { bytecode } = await hre.artifacts.readArtifact(library);
    await nextBlock();
    // Without its interface, which has types that ethers does not know.
    libraries[library] = await (await new ContractFactory([], bytecode, signer).deploy()).getAddress();
  }
  await nextBlock();
  return ethers.deployContract(name, [...parameters], { libraries });
}

/** The code of a contract with the addresses of its libraries in their places. */
export async function linkedBytecode(name: string, addressOf: (library: string) => Promise<string>): Promise<string> {
  const { bytecode, linkReferences } = await hre.artifacts.readArtifact(name);
  let code: string = bytecode;
  for (const byName of Object.values(linkReferences)) {
    for (const [library, places] of Object.entries(byName)) {
      const address = (await addressOf(library)).slice(2);
      for (const { start } of places) {
        const at = 2 + 2 * start;
        code = code.slice(0, at) + address + code.slice(at + address.length);
      }
    }
  }
  return code;
}
