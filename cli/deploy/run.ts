/** `quittance deploy`, and `deploy apply`: sends the contracts through the same Ignition module that the tests use. */

import { createRollupReader } from '@quittance/chain';
import { RollupError } from '@quittance/protocol';
import { openAccount } from '../l1/account.ts';
import { type L1, withL1 } from '../l1/connect.ts';
import type { Context } from '../process/command.ts';
import { type Output, table } from '../process/output.ts';
import { firstBlockOf } from './first-block.ts';
import type { DeployedAddresses } from './ignition.ts';
import { claimRecord } from './record.ts';
import {
  checkOnChain,
  checkValues,
  type DeployRequest,
  keyFor,
  moduleParametersOf,
  recordedOf,
  recordOf,
  requestOf,
} from './request.ts';
import { requireMoney, sendModule } from './send-module.ts';
import type { DeployValues } from './settings.ts';

/** Checks that the contract deployed is the one that was asked for, and finds its block. */
async function confirm(l1: L1, deployed: DeployedAddresses, fromBlock: number, slotsPerChunk: number): Promise<number> {
  const reader = createRollupReader({ ...l1, contract: deployed.rollup });
  const constants = await reader.connect();
  const genesis = await reader.findBatch(0, fromBlock, (await reader.head()).number);
  if (constants.slotsPerChunk !== slotsPerChunk || genesis === undefined) {
    throw new RollupError(
      'DEPLOYMENT_MISMATCH',
      `the contract at ${deployed.rollup} is not the one that was asked for`,
      {
        expected: slotsPerChunk,
        actual: constants.slotsPerChunk,
      },
    );
  }
  return genesis.blockNumber;
}

/** Writes what stands on L1 now, as one JSON object or as lines. */
function report(l1: L1, output: Output, request: DeployRequest, deployed: DeployedAddresses, block: number): void {
  const { parameters, optimistic, key } = request;
  const view = {
    chainId: l1.chainId,
    contract: deployed.rollup,
    block,
    verifier: deployed.verifier,
    poseidon: deployed.poseidon,
    assertions: deployed.assertions ?? null,
    timelock: deployed.timelock,
    keyHash: key.hash,
    developmentKey: key.isDevelopment,
    parameters: { ...parameters, optimistic: optimistic ?? null },
  };
  output.result(view, () =>
    table([
      ['rollup', view.contract],
      ['block', String(block)],
      ['verifier', view.verifier],
      ['poseidon', view.poseidon],
      ['assertions', view.assertions ?? 'none: without optimistic mode'],
      ['timelock (owner)', view.timelock],
      ['proposer', parameters.proposer],
      ['producer', parameters.producer],
      ['key hash', key.hash],
      ['data', parameters.blobsAllowed ? 'in calldata or blobs' : 'in calldata'],
    ]),
  );
}

/** Deploys, or resumes a deployment that was interrupted. */
export async function runDeploy(context: Context, values: DeployValues): Promise<void> {
  const { output } = context;
  checkValues(values);
  const wallet = await openAccount(values, output);
  await withL1({ url: values.l1Url, expected: values.chainId }, async (l1) => {
    checkOnChain(values, l1);
    await requireMoney(l1, wallet.address);
    const key = await keyFor(values, l1, output);
    if (key.isDevelopment) output.warn('INSECURE development key: anyone can forge proofs; nothing here has value');
    const request = requestOf(values, wallet.address, key);
    const record = recordOf(values, l1);
    if (record !== undefined) claimRecord(record, { chainId: String(l1.chainId), ...recordedOf(request) });
    const head = await createRollupReader({ ...l1, contract: wallet.address }).head();
    const fromBlock = firstBlockOf(record, head.number);
    const sent = { module: request.module, parameters: moduleParametersOf(request), record };
    const deployed = await sendModule(l1, context, wallet, sent);
    const block = await confirm(l1, deployed, fromBlock, request.parameters.slotsPerChunk);
    report(l1, output, request, deployed, block);
    output.say(`next: quittance deploy verify --contract ${deployed.rollup} --from-block ${block} …`);
    output.say(`then: quittance sequencer --contract ${deployed.rollup} --from-block ${block} …`);
  });
}
