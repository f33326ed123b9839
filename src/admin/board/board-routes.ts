import type { AppControllerRoute } from '@bull-board/api/typings/app';

export interface FoundRoute {
  readonly route: AppControllerRoute;
  /** By name, decoded. */
  readonly params: Readonly<Record<string, string>>;
}

/** The first route that a path belongs to: the table lists `…/:queueName/logs` before `…/:queueName/:jobId`. */
export function findRoute(routes: readonly AppControllerRoute[], path: string): FoundRoute | undefined {
  const parts = path.split('/');
  for (const route of routes) {
    for (const pattern of [route.route].flat()) {
      const params = paramsIn(pattern.split('/'), parts);
      if (params !== undefined) return { route, params };
    }
  }
  return undefined;
}

function paramsIn(pattern: readonly string[], parts: readonly string[]): Record<string, string> | undefined {
  if (pattern.length !== parts.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, wanted] of pattern.entries()) {
    const part = decodeURIComponent(parts[index] ?? '');
    if (wanted.startsWith(':')) params[wanted.slice(1)] = part;
    else if (wanted !== part) return undefined;
  }
  return params;
}
