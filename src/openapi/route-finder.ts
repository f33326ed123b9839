import { Injectable, RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryService } from '@nestjs/core';
import { ACCESS_LEVEL } from '../access/access.guard.js';
import type { AccessLevel } from '../access/access-request.js';
import { API_DOC, type ApiDoc } from './documented.decorator.js';
import type { FoundRoute } from './operation.js';

type Handler = (...args: never[]) => unknown;

/** The routes of one controller. */
export interface FoundController {
  readonly api: ApiDoc | undefined;
  readonly routes: readonly (FoundRoute & { readonly handler: string })[];
}

/** Reads the routes from the controllers that run, as Nest has registered them. */
@Injectable()
export class RouteFinder {
  constructor(private readonly discovery: DiscoveryService) {}

  all(): FoundController[] {
    return this.discovery.getControllers().flatMap(({ metatype }) => {
      return typeof metatype === 'function' ? [controllerOf(metatype)] : [];
    });
  }
}

/** Controllers here have one path each, and no versions or hosts. */
function controllerOf(type: { readonly name: string; readonly prototype: object }): FoundController {
  const prototype = type.prototype as Record<string, unknown>;
  const routes = Object.getOwnPropertyNames(prototype).flatMap((handler) => {
    const method = prototype[handler];
    if (handler === 'constructor' || typeof method !== 'function') return [];
    const verb = Reflect.getMetadata(METHOD_METADATA, method) as RequestMethod | undefined;
    if (verb === undefined) return [];
    const level = levelOf(type, method as Handler);
    return pathsOf(type, method as Handler).map((path, index) => {
      const name = `${type.name.replace(/Controller$/, '')}.${handler}${index === 0 ? '' : index + 1}`;
      return { handler, name, path, method: RequestMethod[verb], level };
    });
  });
  return { api: Reflect.getMetadata(API_DOC, type) as ApiDoc | undefined, routes };
}

/** A handler may have several addresses. What a `*` stands for is called `path`. */
function pathsOf(type: object, method: Handler): string[] {
  type Paths = string | readonly string[] | undefined;
  const [base, own] = [type, method].map((target) => Reflect.getMetadata(PATH_METADATA, target) as Paths);
  return [own].flat().map((path) => {
    const segments = [base, path].flat().flatMap((part) => (part ?? '').split('/'));
    return `/${segments.filter((segment) => segment !== '').join('/')}`
      .replace(/:(\w+)/g, '{$1}')
      .replace('*', '{path}');
  });
}

function levelOf(type: object, method: Handler): AccessLevel | null {
  const own = Reflect.getMetadata(ACCESS_LEVEL, method) as AccessLevel | undefined;
  return own ?? (Reflect.getMetadata(ACCESS_LEVEL, type) as AccessLevel | undefined) ?? null;
}
