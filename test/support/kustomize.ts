import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';

type Labels = Record<string, string>;

/** A manifest, as far as rendering touches it. */
export interface RenderedManifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { name: string; namespace?: string; labels?: Labels };
  readonly data?: Labels;
  readonly spec?: {
    readonly selector?: Labels;
    readonly template?: {
      readonly metadata: { labels?: Labels };
      readonly spec: { readonly containers: { image: string }[] };
    };
    readonly volumeClaimTemplates?: readonly { readonly metadata: { labels?: Labels } }[];
  };
}

interface Kustomization {
  readonly namespace?: string;
  readonly resources?: readonly string[];
  readonly labels?: readonly { readonly pairs: Labels }[];
  readonly images?: readonly { readonly name: string; readonly newName: string; readonly newTag: string }[];
  readonly configMapGenerator?: readonly { readonly name: string; readonly literals: readonly string[] }[];
}

const UNDERSTOOD = ['apiVersion', 'kind', 'namespace', 'resources', 'labels', 'images', 'configMapGenerator'];
/** Groups whose selectors kustomize knows; it leaves those of operators' kinds alone. */
const KNOWN_GROUPS = ['v1', 'apps', 'batch', 'policy', 'networking.k8s.io'];

/**
 * What `kustomize build` makes of a folder, as far as this repository uses it; whatever else stands in a
 * kustomization is refused. Config maps keep their name, to which kustomize adds a hash.
 */
export function renderKustomization(folder: string): RenderedManifest[] {
  const kustomization = parse(readFileSync(join(folder, 'kustomization.yaml'), 'utf8')) as Kustomization;
  const unknown = Object.keys(kustomization).filter((key) => !UNDERSTOOD.includes(key));
  if (unknown.length > 0) throw new Error(`${folder}: ${unknown.join(', ')} cannot be rendered here`);
  const manifests = (kustomization.resources ?? []).flatMap((resource) => read(join(folder, resource)));
  for (const { name, literals } of kustomization.configMapGenerator ?? []) {
    addToMap(manifests, name, literals);
  }
  for (const manifest of manifests) change(manifest, kustomization);
  return manifests;
}

function read(path: string): RenderedManifest[] {
  if (!path.endsWith('.yaml')) return renderKustomization(path);
  return parseAllDocuments(readFileSync(path, 'utf8')).map((document) => document.toJS() as RenderedManifest);
}

function addToMap(manifests: RenderedManifest[], name: string, literals: readonly string[]): void {
  const pairs = literals.map((literal) => literal.split(/=(.*)/s).slice(0, 2) as [string, string]);
  const data = Object.fromEntries(pairs);
  const existing = manifests.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === name);
  if (existing?.data) Object.assign(existing.data, data);
  else manifests.push({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data });
}

function change(manifest: RenderedManifest, { namespace, labels = [], images = [] }: Kustomization): void {
  const { metadata, spec } = manifest;
  if (namespace !== undefined) metadata.namespace = namespace;
  for (const { pairs } of labels) label(manifest, pairs);
  for (const container of spec?.template?.spec.containers ?? []) {
    const image = images.find(({ name }) => name === container.image);
    if (image) container.image = `${image.newName}:${image.newTag}`;
  }
}

function label({ apiVersion, kind, metadata, spec }: RenderedManifest, pairs: Labels): void {
  const claims = spec?.volumeClaimTemplates ?? [];
  const labelled = [
    metadata,
    ...(spec?.template ? [spec.template.metadata] : []),
    ...claims.map((one) => one.metadata),
  ];
  for (const one of labelled) one.labels = { ...one.labels, ...pairs };
  if (!KNOWN_GROUPS.includes(apiVersion.split('/')[0] ?? '')) return;
  if (kind === 'Service' && spec?.selector) Object.assign(spec.selector, pairs);
  for (const selected of matchLabelsIn(spec)) Object.assign(selected, pairs);
}

/** Every `matchLabels`, however deep. */
function matchLabelsIn(value: unknown): object[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) =>
    key === 'matchLabels' ? [inner as object] : matchLabelsIn(inner),
  );
}
