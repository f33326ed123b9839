/** `admin` may do everything a `reader` may. */
export type AccessLevel = 'admin' | 'reader';

/** Who is asking: the name of the token or session, for the audit log. */
export interface AccessIdentity {
  readonly name: string;
  readonly level: AccessLevel;
  /** How it was proven, e.g. `bearer`. */
  readonly credential: string;
}

/** The parts of a Fastify request that access is decided by. `ip` follows TRUST_PROXY. */
export interface AccessRequest {
  readonly id: string;
  readonly ip: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Set by the guard once the identity is proven. */
  access?: AccessIdentity;
}

/** A request that the guard has let through. */
export type GrantedRequest = AccessRequest & { readonly access: AccessIdentity };
