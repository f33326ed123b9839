// Checks manifests against the schemas of Kubernetes and of the operators: what must be there, types, formats
// (schemas, as the API server does) and names that no schema knows (their types; the API server would drop them).
// Usage: node config/tooling/kubernetes-schemas.mjs < manifests.json; prints a JSON list of problems.
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** Groups that are not Kubernetes' own, with the package that has their definitions. */
const OPERATORS = {
  'keda.sh': '@kubernetes-models/keda',
  'monitoring.coreos.com': '@kubernetes-models/prometheus-operator',
  'external-secrets.io': '@kubernetes-models/external-secrets',
};

function moduleOf(apiVersion) {
  return `${OPERATORS[apiVersion.split('/')[0]] ?? 'kubernetes-models'}/${apiVersion}`;
}

async function brokenRules({ apiVersion, kind, ...rest }) {
  try {
    const { [kind]: Model } = await import(moduleOf(apiVersion));
    new Model(rest).validate();
    return [];
  } catch (error) {
    return [error.message];
  }
}

/** Each manifest as a constant of its type: TypeScript refuses members that the type does not have. */
function unknownNames(manifests) {
  const name = join(ROOT, 'manifests.ts');
  const lines = manifests.map(({ apiVersion, kind, ...rest }, index) => {
    const type = `import('${moduleOf(apiVersion)}').I${kind}`;
    return `export const m${index}: ${type} = ${JSON.stringify({ apiVersion, kind, ...rest })};`;
  });
  const options = {
    noEmit: true,
    strict: true,
    skipLibCheck: true,
    types: [],
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
  };
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  const text = lines.join('\n');
  host.fileExists = (file) => file === name || fileExists(file);
  host.readFile = (file) => (file === name ? text : readFile(file));
  host.getSourceFile = (file, ...more) =>
    file === name ? ts.createSourceFile(file, text, options.target) : getSourceFile(file, ...more);
  const program = ts.createProgram([name], options, host);
  return ts.getPreEmitDiagnostics(program).map((diagnostic) => {
    const line = program.getSourceFile(name).getLineAndCharacterOfPosition(diagnostic.start ?? 0).line;
    return [manifests[line], ts.flattenDiagnosticMessageText(diagnostic.messageText, ' ')];
  });
}

const manifests = JSON.parse(readFileSync(0, 'utf8'));
const problems = unknownNames(manifests);
for (const manifest of manifests) {
  for (const rule of await brokenRules(manifest)) problems.push([manifest, rule]);
}
console.log(
  JSON.stringify(problems.map(([{ kind, metadata }, problem]) => `${kind} ${metadata?.name}: ${problem}`)),
);
