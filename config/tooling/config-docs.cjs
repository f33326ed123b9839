// Writes config/default.env and the README's configuration table from the built configuration class:
// `npm run build && node config/tooling/config-docs.cjs`. A test fails where they differ.
require('reflect-metadata');
const fs = require('node:fs');
const path = require('node:path');

const root = path.resolve(__dirname, '../..');
const { AppConfig } = require(path.join(root, 'dist/config/app-config.js'));
const { settingsOf } = require(path.join(root, 'dist/config/setting.decorator.js'));

const defaults = new AppConfig();
const settings = [...settingsOf(AppConfig)];

function shown(value) {
  if (Array.isArray(value)) return value.join(',');
  return value === undefined ? '' : String(value);
}

function environmentFile() {
  const head =
    '# Every variable with its default. Each can also be given as NAME_FILE, a path to its value.\n\n';
  return (
    head + settings.map(([name, { text }]) => `# ${text}\n${name}=${shown(defaults[name])}\n`).join('\n')
  );
}

function table() {
  let group = '';
  const lines = [];
  for (const [name, setting] of settings) {
    if (setting.group !== group) {
      group = setting.group;
      lines.push('', `**${group}**`, '', '| variable | default | meaning |', '|---|---|---|');
    }
    const value = shown(defaults[name]);
    lines.push(`| \`${name}\` | ${value === '' ? '' : `\`${value}\``} | ${setting.text} |`);
  }
  return lines.join('\n').trim();
}

const BEGIN = '<!-- configuration: written by config/tooling/config-docs.cjs -->';
const END = '<!-- end of configuration -->';
const readme = path.join(root, 'README.md');
const text = fs.readFileSync(readme, 'utf8');
const begin = text.indexOf(BEGIN) + BEGIN.length;
fs.writeFileSync(readme, `${text.slice(0, begin)}\n\n${table()}\n\n${text.slice(text.indexOf(END))}`);
fs.writeFileSync(path.join(root, 'config/default.env'), environmentFile());
