/** A value that survives `JSON.parse(JSON.stringify(value))` unchanged. */
export type Json =
  string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };

export type JsonObject = { readonly [key: string]: Json | undefined };

type NotJson =
  Date | Map<unknown, unknown> | Set<unknown> | bigint | symbol | ((...args: never[]) => unknown);

/** Maps a type to itself where JSON keeps it, and to `never` where JSON would lose it. */
export type SurvivesJson<T> = T extends string | number | boolean | null | undefined
  ? T
  : T extends NotJson | Uint8Array
    ? never
    : T extends readonly (infer Item)[]
      ? readonly SurvivesJson<Item>[]
      : T extends object
        ? { [Key in keyof T]: SurvivesJson<T[Key]> }
        : never;
