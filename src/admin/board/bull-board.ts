import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { AllQueues } from '../../redis/all-queues.js';
import { type BoardAsset, BoardAssets } from './board-assets.js';
import { boardPage } from './board-page.js';
import { findRoute } from './board-routes.js';
import { BoardServerAdapter } from './board-server.adapter.js';

export const BOARD_PATH = '/admin/queues';

/** A browser that is shown a page of jobs every few seconds has no use for megabytes of each. */
const MOST_SHOWN = 20_000;

const UI_CONFIG = {
  boardTitle: 'Tributary (read only)',
  hideDocsLink: true,
  // It would ask Redis for its list of clients, once for each queue, at every look.
  showWorkers: false,
  miscLinks: [
    { text: 'Events', url: '/admin/events' },
    { text: 'Dead letters', url: '/admin/dead-letters' },
    { text: 'Audit log', url: '/admin/audit' },
    { text: 'Sign in or out', url: '/admin/sign-in' },
  ],
};

export interface BoardAnswer {
  readonly status: number;
  readonly body: unknown;
}

interface Loaded {
  readonly server: BoardServerAdapter;
  readonly template: string;
  readonly assets: BoardAssets;
}

/**
 * Bull Board, to look at all queues and every job in them. It changes nothing: what it can do to a job (clean,
 * empty, obliterate, edit, retry without a mark) would lose or invent events off the record (ADR 15). It is
 * loaded when somebody asks for it first.
 */
@Injectable()
export class BullBoard {
  private loading?: Promise<Loaded>;

  constructor(private readonly queues: AllQueues) {}

  async page(): Promise<string> {
    const { server, template } = await this.loaded();
    const { params } = server.entry?.handler({ basePath: BOARD_PATH, uiConfig: server.uiConfig }) ?? {};
    return boardPage(template, params ?? {});
  }

  asset(name: string): Promise<BoardAsset | undefined> {
    return this.loaded().then(({ assets }) => assets.find(name));
  }

  /** @param path begins with `/api/`. @returns undefined where the board has no such thing to show. */
  async answer(path: string, query: Record<string, unknown>): Promise<BoardAnswer | undefined> {
    const { server } = await this.loaded();
    const found = findRoute(server.readRoutes, path);
    if (found === undefined) return undefined;
    const { queues, uiConfig } = server;
    const request = { queues, uiConfig, query: { ...query }, params: found.params, body: {}, headers: {} };
    const { status = 200, body } = await found.route.handler(request);
    return { status, body };
  }

  private loaded(): Promise<Loaded> {
    this.loading ??= this.load();
    return this.loading;
  }

  private async load(): Promise<Loaded> {
    const { createBullBoard } = await import('@bull-board/api');
    const { BullMQAdapter } = await import('@bull-board/api/bullMQAdapter');
    const server = new BoardServerAdapter();
    const queues = this.queues.list.map((queue) => {
      const adapter = new BullMQAdapter(queue, { readOnlyMode: true });
      adapter.setFormatter('data', shortened);
      return adapter;
    });
    createBullBoard({ queues, serverAdapter: server, options: { uiConfig: UI_CONFIG } });
    const template = await readFile(join(server.viewsPath, 'index.ejs'), 'utf8');
    return { server, template, assets: new BoardAssets(join(server.viewsPath, 'static')) };
  }
}

/** The data of a job with its long texts cut: the whole is in the archive, and with the dead letter. */
function shortened(data: object): object {
  return Object.fromEntries(
    Object.entries(data).map(([name, value]: [string, unknown]) => [name, shortText(value)]),
  );
}

function shortText(value: unknown): unknown {
  if (typeof value !== 'string' || value.length <= MOST_SHOWN) return value;
  return `${value.slice(0, MOST_SHOWN)}… (${value.length} characters)`;
}
