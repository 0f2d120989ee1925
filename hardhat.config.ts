import { createRequire } from 'node:module';
import hardhatToolboxMochaEthers from '@nomicfoundation/hardhat-toolbox-mocha-ethers';
import { defineConfig } from 'hardhat/config';

const require = createRequire(import.meta.url);

export default defineConfig({
  plugins: [hardhatToolboxMochaEthers],
  paths: {
    sources: './contracts',
    artifacts: './build/contracts/artifacts',
    cache: './build/contracts/cache',
    ignition: './scripts/deploy',
  },
  typechain: { outDir: './build/contracts/types' },
  solidity: {
    compilers: [
      {
        version: '0.8.37',
        // The compiler comes from npm, so that a build needs no download of its own.
        path: require.resolve('solc/soljson.js'),
        settings: { optimizer: { enabled: true, runs: 1_000_000 }, evmVersion: 'cancun', viaIR: true },
      },
    ],
  },
  networks: {
    hardhat: { type: 'edr-simulated', chainType: 'l1', hardfork: 'osaka' },
  },
});
