import type { DuckDBValue } from '@duckdb/node-api';

/** A column as the driver wants it described. */
export interface ResultColumn {
  readonly name: string;
  readonly type: string;
  readonly nullable: true;
  readonly precision: number | null;
  readonly scale: number | null;
  readonly length: number | null;
}

/** How the driver's JSON protocol names DuckDB's types (facts §3, "Protocol used by the Node driver"). */
const TYPES: readonly [RegExp, Partial<ResultColumn>][] = [
  [/^JSON$/, { type: 'variant' }],
  [/^DECIMAL\(\d+,\s*0\)$|^U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$/, { type: 'fixed', precision: 38, scale: 0 }],
  [/^DECIMAL/, { type: 'fixed', precision: 38, scale: 9 }],
  [/^(DOUBLE|FLOAT)$/, { type: 'real' }],
  [/^BOOLEAN$/, { type: 'boolean' }],
  [/^DATE$/, { type: 'date' }],
  [/^TIMESTAMP WITH TIME ZONE$/, { type: 'timestamp_tz', precision: 0, scale: 9 }],
  [/^TIMESTAMP/, { type: 'timestamp_ntz', precision: 0, scale: 9 }],
];

export function resultColumn(name: string, duckType: string): ResultColumn {
  const [, known] = TYPES.find(([pattern]) => pattern.test(duckType)) ?? [undefined, undefined];
  return {
    name,
    type: 'text',
    nullable: true,
    precision: null,
    scale: null,
    length: known === undefined ? 16_777_216 : null,
    ...known,
  };
}

/** Cells travel as text or null: booleans as 1 and 0, dates as days, times as seconds with an offset of 1440 = UTC. */
export function resultCell(value: DuckDBValue, { type }: ResultColumn): string | null {
  if (value === null) return null;
  switch (type) {
    case 'timestamp_tz':
      return `${seconds(value)} 1440`;
    case 'timestamp_ntz':
      return seconds(value);
    case 'date':
      return String((value as { days: number }).days);
    case 'boolean':
      return value === true ? '1' : '0';
    default:
      // Values of DuckDB that are no primitives (decimals, say) know their text.
      return String(value);
  }
}

/** Seconds since 1970 as a decimal number with nine digits after the point. */
function seconds(value: DuckDBValue): string {
  const { micros } = value as { micros: bigint };
  const size = micros < 0n ? -micros : micros;
  const sign = micros < 0n ? '-' : '';
  return `${sign}${size / 1_000_000n}.${String(size % 1_000_000n).padStart(6, '0')}000`;
}

/** A bind as the driver sends it: always text, with a type beside it. */
export interface Bind {
  readonly type: string;
  readonly value: string | null;
}

export function bindValue({ type, value }: Bind): DuckDBValue {
  if (value === null) return null;
  if (type === 'FIXED') return BigInt(value);
  if (type === 'REAL') return Number(value);
  if (type === 'BOOLEAN') return value.toLowerCase() === 'true' || value === '1';
  return value;
}
