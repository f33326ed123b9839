import 'reflect-metadata';
/** Metadata key under which a route says why it needs no signature and no token. */
export const PUBLIC_ROUTE = 'route:public';

/** Marks a route as open to everybody, with the reason. A test lists the routes that say nothing. */
export function PublicRoute(why: string): MethodDecorator & ClassDecorator {
  return (target: object, _key?: string | symbol, descriptor?: PropertyDescriptor) => {
    Reflect.defineMetadata(PUBLIC_ROUTE, why, (descriptor?.value as object | undefined) ?? target);
  };
}
