import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';

const TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
};

export interface BoardAsset {
  readonly type: string;
  readonly bytes: Buffer;
}

/** The files that came with the board. Only names that were there at the start are served, so no path leads out. */
export class BoardAssets {
  private readonly files: ReadonlyMap<string, string>;

  constructor(folder: string) {
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
    const paths = entries
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name));
    this.files = new Map(paths.map((path) => [relative(folder, path).split(sep).join('/'), path]));
  }

  /** @param name with `/` between folders. */
  async find(name: string): Promise<BoardAsset | undefined> {
    const path = this.files.get(name);
    const type = TYPES[extname(name)];
    if (path === undefined || type === undefined) return undefined;
    return { type, bytes: await readFile(path) };
  }
}
