import 'reflect-metadata';

export type SettingGroup =
  | 'process'
  | 'intake'
  | 'processing'
  | 'redis'
  | 'gong'
  | 'zoho'
  | 'warehouse'
  | 'memory'
  | 'notifications'
  | 'insights'
  | 'admin';

export interface SettingDescription {
  readonly group: SettingGroup;
  /** One line: what it means, with its unit. */
  readonly text: string;
  /** Never shown, not even in an error; can also be given as `NAME_FILE`. */
  readonly secret?: boolean;
}

const SETTINGS = Symbol('settings');

/** Describes a configuration variable; the property's name is the variable's name. */
export function Setting(description: SettingDescription): PropertyDecorator {
  return (target, name) => {
    const settings = settingsOf(target.constructor);
    settings.set(String(name), description);
    Reflect.defineMetadata(SETTINGS, settings, target.constructor);
  };
}

/** The described variables of a configuration class, in the order of the class. */
export function settingsOf(configClass: object): Map<string, SettingDescription> {
  const known = Reflect.getMetadata(SETTINGS, configClass) as Map<string, SettingDescription> | undefined;
  return known ?? new Map<string, SettingDescription>();
}
