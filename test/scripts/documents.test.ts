import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { dirname, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MAX_BATCH_DATA_BYTES, MAX_CHUNK_DATA_BYTES, PROFILES } from '@quittance/protocol';
import { DEFAULT_PORT } from '../../cli/sequencer/settings.ts';
import { readDocument, sectionOf } from '../support/sources/markdown.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

interface GasSnapshot {
  readonly standardBatch: {
    readonly transfers: number;
    readonly perTransfer: number;
    readonly bytes: { records: number };
  };
  readonly fullBlobBatch: { readonly perTransfer: number };
  readonly record: { readonly transferToNew: number };
  readonly calls: { readonly requestExit: { readonly today: number } };
}

interface AssertionGasSnapshot {
  readonly 'without dispute': { readonly assertBatch: number; readonly finalizeBatch: number };
  readonly dispute: Readonly<
    Record<'openDispute' | 'answerDispute' | 'commitStep' | 'proveStep' | 'settleDispute', number>
  >;
  readonly 'proven later': { readonly submitProofs: number };
}

const read = <T>(path: string) => JSON.parse(readDocument(path)) as T;

/** As people say it: a multiple of `step`, thousands apart. */
const about = (value: number, step: number): string => (Math.round(value / step) * step).toLocaleString('en');

describe('the numbers in the documents', () => {
  const gas = read<GasSnapshot>('test/contracts/gas.snapshot.json');
  const assertionGas = read<AssertionGasSnapshot>('test/contracts/assertion-gas.snapshot.json');
  const single = read<{ result: { gasPerTransfer: number; peakBytes: number } }>('docs/performance/batch-single.json');
  const accept = read<{ result: { list: { perSecond: number } } }>('docs/performance/accept.json').result;
  const execute = read<{ result: { withTraces: number } }>('docs/performance/execute.json').result;
  const { circuits } = read<{ circuits: { name: string; constraints: number }[] }>('circuits/circuits.json');
  const slot = circuits.find(({ name }) => name === 'slot')!.constraints;

  const { slotsPerChunk } = PROFILES.standard;
  const transfers = gas.standardBatch.transfers;
  const chunkCount = Math.ceil(transfers / slotsPerChunk);
  const bytes = gas.standardBatch.bytes.records / (slotsPerChunk * chunkCount);
  const { assertBatch, finalizeBatch } = assertionGas['without dispute'];
  const asserted = (assertBatch + finalizeBatch) / transfers;
  const hybrid = asserted + assertionGas['proven later'].submitProofs / transfers;
  const { openDispute, answerDispute, commitStep, proveStep, settleDispute } = assertionGas.dispute;
  const perTransfer = about(gas.standardBatch.perTransfer, 100);

  for (const [document, what, sentence] of [
    ['README.md', 'bytes and gas of a proven batch', `${bytes} bytes a transfer on L1, and about ${perTransfer} gas`],
    ['README.md', 'gas in a full blob', `about ${about(gas.fullBlobBatch.perTransfer, 100)} gas a transfer`],
    ['README.md', 'gas with one proof', `or ${about(single.result.gasPerTransfer, 50)} with one`],
    ['README.md', 'gas of an asserted batch', `${about(asserted, 100)} gas and no prover`],
    ['README.md', 'what is accepted', `**${about(accept.list.perSecond, 1000)} transfers a second**`],
    ['README.md', 'what is executed', `${about(execute.withTraces, 1000)} executed with the traces`],
    ['README.md', 'memory of one proof', `one proof: ${about(single.result.peakBytes / 1e9, 1)} GB of memory`],
    ['README.md', 'port of the JSON-RPC', `rpcUrl: 'http://127.0.0.1:${DEFAULT_PORT}'`],
    ['docs/how-to/deploy.md', 'port of the JSON-RPC', `--rpc-url http://127.0.0.1:${DEFAULT_PORT}\n`],
    ['docs/how-to/run-a-sequencer.md', 'gas of mode zk', `| proving | ${perTransfer} |`],
    ['docs/how-to/run-a-sequencer.md', 'gas of mode optimistic', `windows more | ${about(asserted, 100)} |`],
    ['docs/how-to/run-a-sequencer.md', 'gas of mode hybrid', `do not come | ${about(hybrid, 100)} |`],
    [
      'docs/how-to/deploy.md',
      'gas of showing a lie',
      `(${about((openDispute + commitStep + proveStep) / 1e6, 0.1)} M gas,`,
    ],
    [
      'docs/how-to/deploy.md',
      'gas of an answer',
      `(${about(answerDispute + settleDispute, 1000)} gas with \`standard\``,
    ],
    [
      'docs/how-to/run-a-sequencer.md',
      'most bytes of a chunk',
      `at most ${about(MAX_CHUNK_DATA_BYTES, 1)} bytes of data, signatures`,
    ],
    ['docs/how-to/run-a-sequencer.md', 'most bytes of a batch', `a batch ${about(MAX_BATCH_DATA_BYTES, 1)}`],
    ['docs/protocol.md', 'constraints of a slot', `(now ${about(slot, 1)})`],
    ['docs/threat-model.md', 'gas of a new account', `records of about ${about(gas.record.transferToNew, 1000)} gas`],
    ['docs/threat-model.md', 'gas of a request', `to ${about(gas.calls.requestExit.today, 100)} a request`],
  ] as const) {
    it(`are those of the snapshots: ${what}, in ${document}`, () => {
      assert.ok(readDocument(document).includes(sentence), `${document} does not say "${sentence}"`);
    });
  }
});

describe('the documents', () => {
  const documents = [
    ...readdirSync(ROOT).filter((name) => name.endsWith('.md')),
    ...readdirSync(`${ROOT}docs`, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md'))
      .map((name) => `docs/${name}`),
  ];

  it('link only to files that exist', () => {
    assert.ok(documents.length > 15);
    for (const document of documents) {
      for (const [, target] of readDocument(document).matchAll(/\]\((?!https?:)([^)#\s]+)(?:#[^)]*)?\)/g)) {
        const path = posix.join(dirname(document), target!);
        assert.ok(statSync(`${ROOT}${path}`, { throwIfNoEntry: false }), `${document} links to ${path}`);
      }
    }
  });

  it('name only files and folders that exist', () => {
    const folders =
      'circuits|cli|contracts|docs|examples|explorer|native|ops|packages|prover|runtime|scripts|sequencer|storage|test|watcher';
    const named = new RegExp(`(?<![\\w/.-])(?:${folders})/[\\w/.-]*[\\w/]|(?<=\`)[\\w.-]+\\.md(?=\`)`, 'g');
    const MADE_BY_OPERATORS = new Set(['ops/.env', 'ops/secrets', 'ops/secrets/']);
    const decisions = documents.filter((name) => name.startsWith('docs/adr/'));
    for (const document of documents) {
      for (const [path] of readDocument(document).matchAll(named)) {
        if (MADE_BY_OPERATORS.has(path)) continue;
        const isDecision = /^docs\/adr\/\d{4}$/.test(path) && decisions.some((name) => name.startsWith(`${path}-`));
        assert.ok(isDecision || statSync(`${ROOT}${path}`, { throwIfNoEntry: false }), `${document} names ${path}`);
      }
    }
  });

  it('tell the walks of a transfer, a chunk, a lie and a failover through files that exist, each once', () => {
    const walks = sectionOf(readDocument('ARCHITECTURE.md'), 'Four walks');
    const files = [...walks.matchAll(/`([\w/.-]+\.(?:ts|sol|circom|rs))`/g)].map(([, file]) => file!);
    assert.ok(files.length > 50, `${files.length} files`);
    for (const file of files) assert.ok(statSync(`${ROOT}${file}`, { throwIfNoEntry: false }), `there is no ${file}`);
    const twice = files.filter((file, index) => files.indexOf(file) !== index);
    assert.deepEqual(twice, []);
  });

  it('number each decision once', () => {
    const numbers = documents.flatMap((name) => /adr\/(\d{4})-/.exec(name)?.[1] ?? []);
    assert.deepEqual(numbers, [...new Set(numbers)]);
    for (const document of documents.filter((name) => /adr\/\d/.test(name))) {
      const number = Number(/adr\/(\d{4})/.exec(document)![1]);
      assert.match(readDocument(document), new RegExp(`^# ${number}\\. `), document);
    }
  });
});
