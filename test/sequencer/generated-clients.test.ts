import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { addressText } from '@quittance/protocol';
import { METHODS, type MethodName } from '@quittance/rpc';
import { systemClock } from '../../runtime/index.ts';
import { type Api, startApi } from '../../sequencer/index.ts';
import {
  generatedName,
  generatePython,
  generateTypeScript,
  type OpenRpcDocument,
} from '../support/clients/generate.ts';
import { itWith } from '../support/ops/tools.ts';
import { alice, createPayerHarness, type PayerHarness } from '../support/sequencer/payer.ts';
import { rpc, transferJson } from '../support/sequencer/rpc.ts';

type Params = Record<string, unknown>;
type Call = (params: Params) => Promise<unknown>;

describe('Sequencer: clients generated from its OpenRPC document', () => {
  let harness: PayerHarness;
  let api: Api;
  let folder: string;
  let document: OpenRpcDocument;
  /** A call of each method that reads, of what there is. */
  let calls: readonly (readonly [method: MethodName, params: Params])[];

  before(async () => {
    harness = await createPayerHarness();
    api = await startApi({ sequencer: harness.sequencer, clock: systemClock });
    folder = mkdtempSync(join(tmpdir(), 'quittance-clients-'));
    document = (await (await fetch(`${api.url}/openrpc.json`)).json()) as OpenRpcDocument;
    const { id } = await harness.send(alice, harness.payment(0));
    const withdraw = { kind: 'withdraw', account: { owner: alice.owner, tokenId: 0 } } as const;
    const { id: withdrawal } = await harness.send(alice, { ...harness.payment(1), ...withdraw });
    await harness.sequencer.sealNow();
    const batch = harness.sequencer.status().sealedBatch;
    await harness.until(() => harness.sequencer.status().finalBatch === batch, 'finality');
    const some: Partial<Record<MethodName, Params>> = {
      rollup_getAccount: { index: harness.from, tag: 'safe' },
      rollup_getAccounts: { owner: addressText(alice.owner) },
      rollup_getTransaction: { id: String(id) },
      rollup_getHistory: { account: harness.from },
      rollup_findTransactions: { reference: '0x00', limit: 5 },
      rollup_getPriorityOperation: { operationId: 0 },
      rollup_getPriorityOperations: { owner: addressText(alice.owner) },
      rollup_getBatch: { batch: 'finalized' },
      rollup_getProof: { index: harness.from },
      rollup_estimateFee: { tokenId: 0 },
    };
    const reads = (Object.keys(METHODS) as MethodName[]).filter((name) => !name.startsWith('rollup_send'));
    const all = reads
      .filter((name) => name !== 'rollup_getWithdrawalProof')
      .map((name) => [name, some[name] ?? {}] as const);
    calls = [
      ...all,
      ['rollup_getBatch', { batch }],
      ['rollup_getWithdrawalProof', { id: String(withdrawal) }],
      ['rollup_getWithdrawalProof', { batch, index: 0 }],
    ];
  });
  after(async () => {
    await api.stop();
    await harness.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** What the sequencer answers; figures that change with time are left out. */
  const expectAnswers = async (answers: readonly unknown[]): Promise<void> => {
    assert.equal(answers.length, calls.length);
    for (const [position, [method, params]] of calls.entries()) {
      const { body } = await rpc(api.url, method, params);
      assert.equal(body.error, undefined, `${method}: ${body.error?.message}`);
      assert.deepEqual(answers[position], body.result, method);
    }
  };

  it('have every method in TypeScript, typed so that the compiler takes what is right and nothing else', async () => {
    const file = join(folder, 'client.ts');
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    writeFileSync(file, generateTypeScript(document));
    const { Client } = (await import(pathToFileURL(file).href)) as {
      Client: new (url: string) => Record<string, Call>;
    };
    const client = new Client(api.url);
    const answers: unknown[] = [];
    for (const [method, params] of calls) answers.push(await client[generatedName.typeScript(method)]!(params));
    await expectAnswers(answers);
    const sent = transferJson(harness.sign(alice, harness.payment(2)));
    const { status } = (await client['sendTransfer']!({ transfer: sent })) as { status: string };
    assert.equal(status, 'pending');
    await assert.rejects(client['getTransaction']!({ id: '1' }), /there is no transfer/);

    const use = (body: string): string => {
      const path = join(folder, 'use.ts');
      writeFileSync(path, `import { type Account, Client } from './client.ts';\n${body}\n`);
      return path;
    };
    const flags = [
      '--noEmit',
      '--strict',
      '--target',
      'es2024',
      '--module',
      'nodenext',
      '--allowImportingTsExtensions',
    ];
    const compile = async (body: string) => {
      const { stdout } = await promisify(execFile)('tsc', [...flags, use(body)], { cwd: folder }).catch(
        (error: { stdout: string }) => error,
      );
      return stdout;
    };
    const right = [
      "const client = new Client('http://localhost');",
      "const account: Account | null = await client.getAccount({ index: 1, tag: 'safe' });",
      "const state: 'sealed' | 'proving' | 'posted' | 'disputed' | 'reverted' | 'final' =",
      "  (await client.getBatch({ batch: 'latest' })).state;",
      'export const seen = [account?.balance.length, state, (await client.getConfig()).tokens[0]?.symbol];',
    ];
    assert.equal(await compile(right.join('\n')), '');
    const wrong = [
      "await new Client('').getAccount({ index: '1' });",
      "await new Client('').getAccount({ index: 1, tag: 'soon' });",
    ];
    for (const line of wrong) assert.match(await compile(line), /TS2322/, line);
  });

  itWith('python3', 'have every method in Python, with nothing but its standard library', async () => {
    writeFileSync(join(folder, 'client.py'), generatePython(document));
    const named = calls.map(([method, params]) => [generatedName.python(method), params]);
    const script = [
      'import json, sys',
      'from client import Client, RpcError',
      'client = Client(sys.argv[1])',
      'answers = [getattr(client, name)(**params) for name, params in json.loads(sys.argv[2])]',
      'try:',
      '    client.get_transaction("1")',
      'except RpcError as error:',
      '    print(json.dumps({"answers": answers, "code": error.code, "reason": error.reason}))',
    ];
    writeFileSync(join(folder, 'use.py'), script.join('\n'));
    const { stdout } = await promisify(execFile)('python3', ['use.py', api.url, JSON.stringify(named)], {
      cwd: folder,
      maxBuffer: 1 << 26,
    });
    const { answers, code, reason } = JSON.parse(stdout) as { answers: unknown[]; code: number; reason: string };
    assert.deepEqual([code, reason], [-32001, 'NOT_FOUND']);
    await expectAnswers(answers);
  });
});
