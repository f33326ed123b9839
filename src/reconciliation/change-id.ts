/** A change id taken apart: the object, and the time of its version, 0 where changes have none. */
export interface ChangeParts {
  readonly object: string;
  readonly versionMs: number;
}

/** `call:<id>` or `<module>:<record>:<ISO time>`. */
export function changeParts(changeId: string): ChangeParts {
  const [, object = changeId, time] = /^([^:]+:[^:]+):(.+)$/.exec(changeId) ?? [];
  const versionMs = time === undefined ? 0 : Date.parse(time);
  return Number.isFinite(versionMs) ? { object, versionMs } : { object: changeId, versionMs: 0 };
}
