/** ops/helm: the chart renders to objects that Kubernetes takes, and starts processes that know what they are told. */

import { strict as assert } from 'node:assert';
import { renderChart } from '../support/ops/chart.ts';
import { problemsOf, wrongValues } from '../support/ops/settings.ts';
import { parseYaml, readYaml } from '../support/ops/yaml.ts';

interface Container {
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly livenessProbe: { readonly httpGet: { readonly path: string; readonly port: string } };
  readonly readinessProbe: { readonly httpGet: { readonly path: string; readonly port: string } };
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
}

interface StatefulSet {
  readonly kind: string;
  readonly spec: {
    readonly replicas: number;
    readonly selector: { readonly matchLabels: unknown };
    readonly template: {
      readonly metadata: { readonly labels: unknown };
      readonly spec: {
        readonly containers: readonly Container[];
        readonly volumes: readonly { readonly name: string }[];
      };
    };
    readonly volumeClaimTemplates: readonly {
      readonly metadata: { readonly name: string };
      readonly spec: { readonly storageClassName?: string };
    }[];
  };
}

interface Service {
  readonly kind: string;
  readonly spec: { readonly selector: unknown; readonly ports: readonly { readonly targetPort: string }[] };
}

const VALUES = { l1Url: 'https://l1.example/', contract: '0x5FbDB2315678afecb367f032d93F642f64180aa3' };
const rendered = (role: string) => parseYaml(renderChart(`${role}.yaml`, VALUES)) as unknown as [Service, StatefulSet];

describe('ops/helm', () => {
  for (const role of ['sequencer', 'watcher']) {
    const [service, set] = rendered(role);
    const { spec } = set.spec.template;
    const container = spec.containers[0]!;
    const environment = Object.fromEntries(container.env.map(({ name, value }) => [name, value]));

    it(`makes a service and one process of the ${role}`, () => {
      assert.deepEqual([service.kind, set.kind, set.spec.replicas], ['Service', 'StatefulSet', 1]);
      assert.deepEqual(set.spec.selector.matchLabels, set.spec.template.metadata.labels);
      assert.deepEqual(service.spec.selector, set.spec.template.metadata.labels);
    });

    it(`tells the ${role} only what its command knows, and all that it needs`, () => {
      assert.deepEqual(problemsOf(container.args, environment), []);
      assert.deepEqual(wrongValues(container.args, environment), []);
    });

    it(`probes the ${role} where it listens`, () => {
      const ports = new Map(container.ports.map(({ name, containerPort }) => [name, String(containerPort)]));
      const { livenessProbe, readinessProbe } = container;
      assert.deepEqual([livenessProbe.httpGet.path, readinessProbe.httpGet.path], ['/livez', '/readyz']);
      const listening = role === 'sequencer' ? environment['QUITTANCE_PORT'] : environment['QUITTANCE_METRICS_PORT'];
      assert.equal(ports.get(livenessProbe.httpGet.port), listening);
      for (const { targetPort } of service.spec.ports) assert.ok(ports.has(targetPort), targetPort);
    });

    it(`mounts what the ${role} writes, and nothing else is writable`, () => {
      assert.equal(container.securityContext['readOnlyRootFilesystem'], true);
      const known = [
        ...spec.volumes.map(({ name }) => name),
        ...set.spec.volumeClaimTemplates.map(({ metadata }) => metadata.name),
      ];
      const mounts = container.volumeMounts.map(({ name }) => name);
      assert.deepEqual(mounts.toSorted(), known.toSorted());
      for (const value of Object.values(environment).filter((text) => text.startsWith('/'))) {
        assert.ok(
          container.volumeMounts.some(({ mountPath }) => value.startsWith(`${mountPath}/`)),
          value,
        );
      }
    });
  }

  it('names a storage class only where one is chosen', () => {
    const classOf = (storageClass: string) => {
      const sequencer = { ...(readYaml('ops/helm/values.yaml')['sequencer'] as Record<string, string>), storageClass };
      const [, set] = parseYaml(renderChart('sequencer.yaml', { ...VALUES, sequencer })) as unknown as [
        Service,
        StatefulSet,
      ];
      return set.spec.volumeClaimTemplates[0]!.spec.storageClassName;
    };
    assert.deepEqual([classOf(''), classOf('fast')], [undefined, 'fast']);
  });

  it('leaves the watcher out where it is told to', () => {
    assert.deepEqual(parseYaml(renderChart('watcher.yaml', { ...VALUES, watcher: { enabled: false } })), []);
  });

  it('gives the watcher the node of its own, if it has one', () => {
    const text = renderChart('watcher.yaml', { ...VALUES, watcherL1Url: 'https://other.example/' });
    assert.match(text, /QUITTANCE_L1_URL, value: "https:\/\/other\.example\/"/);
  });

  it('renders nothing that the chart has no value for', () => {
    assert.throws(() => renderChart('watcher.yaml', { ...VALUES, watcher: { enabled: true } }), /there is no \.Values/);
  });
});
