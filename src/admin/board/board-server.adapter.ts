import type {
  AppControllerRoute,
  AppViewRoute,
  BullBoardQueues,
  IServerAdapter,
  UIConfig,
} from '@bull-board/api/typings/app';

/**
 * Takes what Bull Board wants served, so that our own guarded routes can serve it: its adapter for Fastify would
 * put routes beside ours that no guard knows.
 */
export class BoardServerAdapter implements IServerAdapter {
  queues: BullBoardQueues = new Map();
  /** Folder of the page and, below it, of its assets. */
  viewsPath = '';
  uiConfig: UIConfig = {};
  entry?: AppViewRoute;
  /** Those that only read. */
  readRoutes: readonly AppControllerRoute[] = [];

  setQueues(queues: BullBoardQueues): this {
    this.queues = queues;
    return this;
  }

  setViewsPath(viewsPath: string): this {
    this.viewsPath = viewsPath;
    return this;
  }

  /** They lie below the page. */
  setStaticPath(): this {
    return this;
  }

  setEntryRoute(entry: AppViewRoute): this {
    this.entry = entry;
    return this;
  }

  /** What a handler throws becomes a problem, as everywhere. */
  setErrorHandler(): this {
    return this;
  }

  setApiRoutes(routes: AppControllerRoute[]): this {
    this.readRoutes = routes.filter(({ method }) => method === 'get');
    return this;
  }

  setUIConfig(config: UIConfig): this {
    this.uiConfig = config;
    return this;
  }
}
