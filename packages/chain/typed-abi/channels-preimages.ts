/** Made by scripts/generate/abi.ts of the compiled contract. Do not edit. */

/**
 * The ABI of the contract that says when a secret of a channel was shown; as a constant, so that viem and what is built on it infer types from it.
 *
 * @example client.readContract({ abi: preimagesAbi, address, functionName: 'revealedAt' });
 */
export const preimagesAbi = [
  {"type":"event","name":"Revealed","inputs":[{"name":"hash","type":"bytes32","indexed":true},{"name":"secret","type":"bytes32","indexed":false},{"name":"time","type":"uint256","indexed":false}]},
  {"type":"function","name":"reveal","stateMutability":"nonpayable","inputs":[{"name":"secret","type":"bytes32"}],"outputs":[]},
  {"type":"function","name":"revealAll","stateMutability":"nonpayable","inputs":[{"name":"secrets","type":"bytes32[]"}],"outputs":[]},
  {"type":"function","name":"revealedAt","stateMutability":"view","inputs":[{"name":"hash","type":"bytes32"}],"outputs":[{"name":"time","type":"uint256"}]},
] as const;
