/** ops/compose.yml: its shape by the Compose specification, and what its services are told. */

import { strict as assert } from 'node:assert';
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Type } from 'typebox';
import { Errors } from 'typebox/value';
import { problemsOf, wrongValues } from '../support/ops/settings.ts';
import { readYaml } from '../support/ops/yaml.ts';
import { readDocument } from '../support/sources/markdown.ts';

/** Source: the Compose specification (compose-spec), as far as the file uses it; anything else is refused. */
const Text = Type.String({ minLength: 1 });
const Strict = { additionalProperties: false };
const Service = Type.Object(
  {
    image: Text,
    user: Type.Optional(Type.String({ pattern: '^[1-9][0-9]*:[1-9][0-9]*$' })),
    read_only: Type.Optional(Type.Boolean()),
    tmpfs: Type.Optional(Type.Array(Text)),
    cap_drop: Type.Array(Type.Literal('ALL')),
    security_opt: Type.Array(Type.Literal('no-new-privileges:true')),
    restart: Type.Union(['no', 'on-failure', 'unless-stopped'].map((word) => Type.Literal(word))),
    stop_grace_period: Type.Optional(Type.String({ pattern: '^[0-9]+[ms]$' })),
    logging: Type.Object({ driver: Text, options: Type.Record(Text, Type.String()) }, Strict),
    profiles: Type.Optional(Type.Array(Text)),
    entrypoint: Type.Optional(Type.Array(Text)),
    command: Type.Optional(Type.Array(Text)),
    environment: Type.Optional(Type.Record(Type.String({ pattern: '^[A-Z0-9_]+$' }), Type.String())),
    healthcheck: Type.Optional(Type.Object({ disable: Type.Boolean() }, Strict)),
    secrets: Type.Optional(Type.Array(Text)),
    volumes: Type.Optional(Type.Array(Type.String({ pattern: '^[^:]+:/[^:]+(:ro)?$' }))),
    ports: Type.Optional(Type.Array(Type.String({ pattern: '^127\\.0\\.0\\.1:[0-9]+:[0-9]+$' }))),
    ulimits: Type.Optional(Type.Object({ nofile: Type.Integer() }, Strict)),
    depends_on: Type.Optional(Type.Array(Text)),
  },
  Strict,
);
const Compose = Type.Object(
  {
    name: Text,
    'x-quittance': Type.Unknown(),
    services: Type.Record(Text, Service),
    secrets: Type.Record(Text, Type.Object({ file: Text }, Strict)),
    volumes: Type.Record(Text, Type.Null()),
  },
  Strict,
);

interface ServiceText {
  readonly image: string;
  readonly user?: string;
  readonly read_only?: boolean;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly secrets?: readonly string[];
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
}

const compose = readYaml<{
  readonly services: Readonly<Record<string, ServiceText>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
  readonly volumes: Readonly<Record<string, null>>;
}>('ops/compose.yml');
const services = Object.entries(compose.services);
const OWN = /^\$\{QUITTANCE_IMAGE_NAME:-quittance\}$/;
/** Services that run the command `quittance`. */
const ours = services.filter(([, { image, entrypoint }]) => OWN.test(image) && entrypoint === undefined);

/** The text with defaults in place of variables, the inner ones first. */
function withDefaults(text: string): string {
  const next = text.replace(/\$\{\w+:-([^${}]*)\}/, '$1');
  return next === text ? text : withDefaults(next);
}

const environmentOf = ({ environment = {} }: ServiceText): Record<string, string> =>
  Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, withDefaults(value)]));

describe('ops/compose.yml', () => {
  it('has the shape of the specification', () => {
    assert.deepEqual([...Errors(Compose, compose)], []);
  });

  it('starts L1, sequencer, watcher, Prometheus and Grafana', () => {
    const expected = ['deploy', 'grafana', 'l1', 'prometheus', 'sequencer', 'watcher'];
    assert.deepEqual(Object.keys(compose.services).toSorted(), expected);
    assert.equal(ours.length, 3);
  });

  for (const [name, service] of ours) {
    it(`tells ${name} only what its command knows, and all that it needs`, () => {
      assert.deepEqual(problemsOf(service.command!, service.environment ?? {}), []);
      // Addresses come from ops/.env.
      const { QUITTANCE_CONTRACT: _, ...environment } = environmentOf(service);
      assert.deepEqual(wrongValues(service.command!, environment), []);
    });

    it(`runs ${name} as nobody, on a file system that it cannot write`, () => {
      assert.deepEqual([service.user, service.read_only], ['10001:10001', true]);
      assert.match(readDocument('ops/Containerfile'), /^USER 10001:10001$/m);
    });

    it(`keeps the files of ${name} on volumes that exist, and its secrets where it reads them`, () => {
      const mounted = (service.volumes ?? []).map((volume) => volume.split(':'));
      for (const [volume] of mounted) assert.ok(volume! in compose.volumes, volume);
      for (const value of Object.values(environmentOf(service))) {
        const secret = /^\/run\/secrets\/(.+)$/.exec(value)?.[1];
        if (secret !== undefined) assert.ok(service.secrets?.includes(secret) && secret in compose.secrets, secret);
        else if (/^\/(?!\/)/.test(value)) {
          assert.ok(
            mounted.some(([, target]) => value.startsWith(`${target}/`)),
            `${value} is on no volume`,
          );
        }
      }
    });
  }

  it('publishes the port on which each service listens, each host port once', () => {
    const hosts = services.flatMap(([, { ports = [] }]) => ports.map((port) => port.split(':')[1]));
    assert.deepEqual(hosts, [...new Set(hosts)]);
    const { sequencer, watcher } = compose.services;
    assert.equal(sequencer!.ports![0]!.split(':')[2], sequencer!.environment!['QUITTANCE_PORT']);
    const health = watcher!.environment!['HEALTH_URL']!;
    assert.equal(new URL(health).port, watcher!.environment!['QUITTANCE_METRICS_PORT']);
    assert.match(readDocument('ops/Containerfile'), /HEALTH_URL=http:\/\/127\.0\.0\.1:3000\/readyz/);
  });

  it('has Prometheus scrape the services on the ports where their metrics are', () => {
    const { scrape_configs } = readYaml<{
      scrape_configs: { job_name: string; static_configs: { targets: string[] }[] }[];
    }>('ops/prometheus/prometheus.yml');
    const targets = Object.fromEntries(
      scrape_configs.map(({ job_name, static_configs }) => [job_name, static_configs[0]!.targets]),
    );
    const { sequencer, watcher } = compose.services;
    assert.deepEqual(targets, {
      'quittance-sequencer': [`sequencer:${sequencer!.environment!['QUITTANCE_METRICS_PORT'] ?? '3000'}`],
      'quittance-watcher': [`watcher:${watcher!.environment!['QUITTANCE_METRICS_PORT']}`],
      // A target that nothing starts would be down for ever, and raise an alert.
      'quittance-hub': [],
      'quittance-tower': [],
    });
  });

  it('mounts files that exist', () => {
    for (const [name, { volumes = [] }] of services) {
      for (const [source] of volumes.map((volume) => volume.split(':'))) {
        if (!source!.startsWith('./')) continue;
        const path = fileURLToPath(new URL(`../../ops/${source}`, import.meta.url));
        assert.ok(statSync(path, { throwIfNoEntry: false }), `${name} mounts ${source}`);
      }
    }
  });

  it('has an example of every variable that it reads, and of no other', () => {
    const text = readDocument('ops/compose.yml');
    const read = new Set([...text.matchAll(/\$\{(\w+):-/g)].map(([, name]) => name!));
    const example = readDocument('ops/env.example');
    for (const [, name] of example.matchAll(/^#?(QUITTANCE_\w+)=/gm)) assert.ok(read.has(name!), name);
    for (const name of ['QUITTANCE_L1_URL', 'QUITTANCE_CONTRACT', 'QUITTANCE_FROM_BLOCK'])
      assert.match(example, new RegExp(`${name}=`));
  });
});

describe('ops/Containerfile', () => {
  const text = readDocument('ops/Containerfile');
  const stages = text.split(/^FROM /m).slice(1);

  it('ends as a user without rights, with a health check and the command as its entry', () => {
    assert.equal(stages.length, 2);
    const last = stages[1]!;
    assert.ok(last.lastIndexOf('\nUSER 10001:10001') > last.lastIndexOf('\nRUN '));
    assert.match(last, /^HEALTHCHECK [\s\S]+?CMD \[.+\]$/m);
    assert.match(last, /^ENTRYPOINT \["quittance"\]$/m);
    assert.match(last, /^STOPSIGNAL SIGTERM$/m);
  });

  it('has health checks that are JSON and programs that parse', () => {
    const check = JSON.parse(/^\s+CMD (\[.+\])$/m.exec(text)![1]!) as string[];
    assert.deepEqual(check.slice(0, 2), ['node', '-e']);
    assert.doesNotThrow(() => new Function(check[2]!));
  });

  it('keeps nothing of the tarballs’ stage but what is installed', () => {
    assert.deepEqual(
      [...stages[1]!.matchAll(/^COPY .*$/gm)].map(([line]) => line),
      ['COPY --from=install /app /app'],
    );
  });
});
