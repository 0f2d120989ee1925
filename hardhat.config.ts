import { createRequire } from 'node:module';
import hardhatToolboxMochaEthers from '@nomicfoundation/hardhat-toolbox-mocha-ethers';
import { defineConfig } from 'hardhat/config';

const require = createRequire(import.meta.url);

/** One compiler for all; `runs` weighs gas against code. The compiler comes from npm, so a build needs no download. */
const compiler = (runs: number) => ({
  version: '0.8.37',
  path: require.resolve('solc/soljson.js'),
  settings: { optimizer: { enabled: true, runs }, evmVersion: 'cancun', viaIR: true },
});
/** For contracts that would pass the limit of 24,576 bytes with more. */
const DENSE_RUNS = 1_000;

export default defineConfig({
  plugins: [hardhatToolboxMochaEthers],
  paths: {
    sources: './contracts',
    artifacts: './build/contracts/artifacts',
    cache: './build/contracts/cache',
    ignition: './cli/deploy',
  },
  typechain: { outDir: './build/contracts/types' },
  solidity: {
    compilers: [compiler(1_000_000)],
    overrides: {
      'contracts/Rollup.sol': compiler(DENSE_RUNS),
      'contracts/Assertions.sol': compiler(DENSE_RUNS),
      'contracts/assertions/AssertionsFactory.sol': compiler(DENSE_RUNS),
    },
  },
  networks: {
    hardhat: { type: 'edr-simulated', chainType: 'l1', hardfork: 'osaka' },
  },
});
