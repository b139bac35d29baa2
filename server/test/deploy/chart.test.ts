import { expect, setDefaultTimeout, test } from 'bun:test';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { parseConfig } from '../../src/config/load.ts';
import { configSchema } from '../../src/config/schema.ts';
import { temporaryFolder } from '../support/databases.ts';
import { findTool, root, runTool, toolPath } from './deploy-files.ts';

// The chart, rendered by Helm and checked against the types of Kubernetes.

setDefaultTimeout(60_000);

const chart = join(root, 'deploy/helm/sluice');
const helm = findTool('helm', 'set SLUICE_TEST_TOOLS as .ci/run does', toolPath('bin/helm'));
const kubernetes = toolPath('node_modules/kubernetes-models');
const operator = toolPath('node_modules/@kubernetes-models/prometheus-operator');

interface Manifest {
  apiVersion: string;
  kind: string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the chart makes; its types are checked below.
  spec?: any;
  data?: Record<string, string>;
}

const template = (values: object): Manifest[] => {
  const file = join(temporaryFolder(), 'values.yaml');
  writeFileSync(file, JSON.stringify(values));
  const text = runTool(helm!, ['template', 'gateway', chart, '--namespace', 'ai', '--values', file]);
  return parseAllDocuments(text).map((document) => document.toJS());
};
const refusal = (values: object): string => {
  try {
    template(values);
    return 'none';
  } catch (error) {
    return (error as Error).message;
  }
};
const one = (manifests: Manifest[], kind: string) => manifests.filter((each) => each.kind === kind)[0];

const replicated = { existingSecret: 'sluice-environment' };
const everything = {
  ...replicated,
  env: { OLLAMA_HOST: 'ollama:11434' },
  config: { limits: { drainMs: 60_000, bodyBytes: 33_554_432 }, trustedProxies: ['10.0.0.0/8'] },
  image: { repository: 'sluice', digest: `sha256:${'0'.repeat(64)}` },
  imagePullSecrets: [{ name: 'registry' }],
  ingress: { enabled: true, className: 'nginx', host: 'ai.example.com', tlsSecret: 'tls', annotations: { a: 'b' } },
  networkPolicy: { from: [{ podSelector: {} }], extraEgress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/8' } }] }] },
  serviceMonitor: { enabled: true, labels: { release: 'prometheus' }, keySecret: { name: 'metrics' } },
  serviceAccount: { annotations: { a: 'b' } },
  podLabels: { a: 'b' },
  podAnnotations: { a: 'b' },
  nodeSelector: { a: 'b' },
  tolerations: [{ key: 'a', operator: 'Exists' }],
  affinity: { nodeAffinity: {} },
};
const alone = { embedded: { enabled: true, storageClass: 'fast' }, autoscaling: { enabled: false } };

test.skipIf(!helm)('Helm finds no fault', () => {
  runTool(helm!, ['lint', '--strict', chart, '--set', 'existingSecret=secret']);
});

test.skipIf(!helm)('by default there are 2 to 20 pods by 70 % CPU, without rights, that stop in peace', () => {
  const manifests = template(replicated);
  expect(manifests.map(({ kind }) => kind).sort()).toEqual([
    'ConfigMap',
    'Deployment',
    'HorizontalPodAutoscaler',
    'NetworkPolicy',
    'PodDisruptionBudget',
    'Service',
    'ServiceAccount',
  ]);
  const { minReplicas, maxReplicas, metrics } = one(manifests, 'HorizontalPodAutoscaler')!.spec;
  expect([minReplicas, maxReplicas, metrics[0].resource.target.averageUtilization]).toEqual([2, 20, 70]);
  const { replicas, template: pod } = one(manifests, 'Deployment')!.spec;
  expect(replicas).toBeUndefined();
  const [container] = pod.spec.containers;
  expect(container.envFrom).toEqual([{ secretRef: { name: 'sluice-environment' } }]);
  expect(container.securityContext).toEqual({
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  });
  expect(pod.spec.securityContext.runAsNonRoot).toBe(true);
  expect(pod.spec.automountServiceAccountToken).toBe(false);
  expect(container.readinessProbe.httpGet.path).toBe('/ready');
  expect(container.livenessProbe.httpGet.path).toBe('/health');
  const preStop = Number(container.lifecycle.preStop.exec.command[1]);
  const { drainMs } = configSchema.parse({}).limits;
  expect(pod.spec.terminationGracePeriodSeconds).toBeGreaterThan(preStop + drainMs / 1000 + 2);
});

test.skipIf(!helm)(
  'a longer drain gives pods longer to stop, and the configuration is one that the server takes',
  () => {
    const manifests = template(everything);
    expect(one(manifests, 'Deployment')!.spec.template.spec.terminationGracePeriodSeconds).toBeGreaterThan(5 + 60 + 2);
    const config = parseConfig(one(manifests, 'ConfigMap')!.data!['sluice.yaml']!, 'sluice.yaml', {});
    expect(config.limits).toMatchObject({ drainMs: 60_000, bodyBytes: 33_554_432 });
    expect(one(manifests, 'ServiceMonitor')!.spec.endpoints[0].authorization.credentials).toEqual({
      name: 'metrics',
      key: 'key',
    });
  },
);

test.skipIf(!helm)('with the embedded database there is one pod on a volume, never two at once', () => {
  const manifests = template(alone);
  const { replicas, strategy, template: pod } = one(manifests, 'Deployment')!.spec;
  expect([replicas, strategy.type]).toEqual([1, 'Recreate']);
  expect(pod.spec.volumes[0].persistentVolumeClaim.claimName).toBe('gateway');
  expect(one(manifests, 'PersistentVolumeClaim')!.spec.storageClassName).toBe('fast');
  expect(one(manifests, 'HorizontalPodAutoscaler')).toBeUndefined();
});

test.skipIf(!helm)('what would not work is refused in words', () => {
  expect(refusal({})).toContain('existingSecret is missing');
  expect(refusal({ embedded: { enabled: true } })).toContain('set autoscaling.enabled=false');
  expect(refusal({ ...replicated, serviceMonitor: { enabled: true } })).toContain('/metrics wants a key');
  expect(refusal({ ...replicated, replica: 3 })).toContain("'replica' not allowed");
  expect(refusal({ ...replicated, env: { lower: 'x' } })).toContain('lower');
});

test.skipIf(!helm || !kubernetes || !operator)(
  'all that is made is of the types of Kubernetes, to the last field',
  () => {
    const folder = temporaryFolder();
    const kinds = new Set<string>();
    const checked = [replicated, everything, alone].flatMap(template).map((manifest, index) => {
      kinds.add(manifest.kind);
      const from = manifest.kind === 'ServiceMonitor' ? operator! : kubernetes!;
      const type = JSON.stringify(join(from, manifest.apiVersion, `${manifest.kind}.js`));
      // A literal of a type may have no field that the type has not.
      return `import type { I${manifest.kind} as Kind${index} } from ${type};\nexport const manifest${index}: Kind${index} = ${JSON.stringify(manifest)};`;
    });
    expect(kinds.size).toBeGreaterThan(8);
    const check = (text: string) => {
      const file = join(folder, 'manifests.ts');
      writeFileSync(file, text);
      const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'esnext', '--moduleResolution', 'bundler'];
      return runTool('node', [
        join(root, 'node_modules/typescript/bin/tsc'),
        '--ignoreConfig',
        '--types',
        '',
        ...options,
        file,
      ]);
    };
    check(checked.join('\n'));
    const wrong = checked.join('\n').replace('"readOnlyRootFilesystem"', '"readOnlyRootFileSystem"');
    expect(() => check(wrong)).toThrow('readOnlyRootFileSystem');
  },
);
