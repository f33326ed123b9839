// Runs TypeScript without a build, for the demo and its tools:
//   node -r ./config/tooling/register-ts.cjs test/demo/demo.ts
// The options are those of jest.config.js, so that both run the same code.
const fs = require('node:fs');
const Module = require('node:module');
const path = require('node:path');
const { transformSync } = require('@swc/core');

process.setSourceMapsEnabled(true);

Module._extensions['.ts'] = (module, filename) => {
  const { code } = transformSync(fs.readFileSync(filename, 'utf8'), {
    filename,
    swcrc: false,
    sourceMaps: 'inline',
    module: { type: 'commonjs' },
    jsc: {
      target: 'es2022',
      keepClassNames: true,
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true },
    },
  });
  module._compile(code, filename);
};

// Relative imports say './x.js', the name after the build; here only './x.ts' is there.
const resolveFilename = Module._resolveFilename;
Module._resolveFilename = function (request, parent, ...rest) {
  if (/^\.{1,2}\/.*\.js$/.test(request) && parent?.filename?.endsWith('.ts')) {
    const asJs = path.resolve(path.dirname(parent.filename), request);
    const asTs = `${asJs.slice(0, -3)}.ts`;
    if (!fs.existsSync(asJs) && fs.existsSync(asTs)) return asTs;
  }
  return resolveFilename.call(this, request, parent, ...rest);
};
