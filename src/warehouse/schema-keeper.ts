import { createHash } from 'node:crypto';
import { AppError, isCoded } from '../contracts/errors.js';
import type { Dialect } from './dialect.js';
import { MIGRATIONS } from './migrations/migrations.js';
import type { Migration } from './migrations/migration.js';
import { refuseDrift } from './schema-drift.js';
import type { SqlDatabase, SqlStatement } from './sql-database.js';

export interface AppliedMigration {
  readonly version: string;
  readonly name: string;
  readonly durationMs: number;
}

const RECORD =
  'MERGE INTO SCHEMA_MIGRATIONS AS t USING (SELECT ? AS VERSION, ? AS NAME, ? AS CHECKSUM, ? AS APPLIED_BY) AS s ' +
  'ON t.VERSION = s.VERSION WHEN NOT MATCHED THEN INSERT (VERSION, NAME, CHECKSUM, APPLIED_BY, APPLIED_AT) ' +
  'VALUES (s.VERSION, s.NAME, s.CHECKSUM, s.APPLIED_BY, CURRENT_TIMESTAMP)';

/**
 * Brings a warehouse to the schema of this release, or only looks whether it has it. A process that dies in
 * between leaves a migration unrecorded; the next run repeats its statements, which are all repeatable.
 */
export class SchemaKeeper {
  private readonly migrations: readonly Migration[];

  constructor(
    private readonly database: SqlDatabase,
    migrations: readonly Migration[] = MIGRATIONS,
  ) {
    this.migrations = migrations.filter((migration) => isNeeded(migration, database.dialect));
  }

  /** @returns what was applied now; empty where the schema was up to date. */
  async migrate(appliedBy: string): Promise<AppliedMigration[]> {
    const { dialect } = this.database;
    await this.database.execute({ sql: dialect.createMigrationsTable });
    const known = await this.checksums();
    const applied: AppliedMigration[] = [];
    for (const migration of this.migrations) {
      if (isApplied(migration, known, dialect)) continue;
      const { version, name } = migration;
      const startedAt = performance.now();
      const binds = [version, name, checksumOf(migration, dialect), appliedBy];
      await this.database.executeAll([...statementsOf(migration, dialect), { sql: RECORD, binds }]);
      applied.push({ version, name, durationMs: Math.round(performance.now() - startedAt) });
    }
    return applied;
  }

  /**
   * Changes nothing. A schema that is newer than this release is accepted: while a release is rolled out, the
   * old one still runs, and migrations only add.
   * @throws AppError `WAREHOUSE.SCHEMA_MISMATCH`
   */
  async verify(): Promise<void> {
    const known = await this.knownOrNone();
    const missing = this.migrations.filter(
      (migration) => !isApplied(migration, known, this.database.dialect),
    );
    if (missing.length === 0) return refuseDrift(this.database);
    const versions = missing.map(({ version }) => version).join(', ');
    throw new AppError(
      'WAREHOUSE.SCHEMA_MISMATCH',
      `the schema of the warehouse lacks the migrations ${versions}; run "npm run migrate" with a role that owns the schema`,
    );
  }

  private async knownOrNone(): Promise<Map<string, string>> {
    try {
      return await this.checksums();
    } catch (error) {
      // Snowflake says the same of a table that does not exist and of one that the role may not see.
      if (isCoded(error, 'WAREHOUSE.MISCONFIGURED') && isMissingTable(error)) return new Map();
      throw error;
    }
  }

  private async checksums(): Promise<Map<string, string>> {
    const rows = await this.database.query({ sql: 'SELECT VERSION, CHECKSUM FROM SCHEMA_MIGRATIONS' });
    return new Map(rows.map(({ VERSION, CHECKSUM }) => [String(VERSION), String(CHECKSUM)]));
  }
}

function isMissingTable(error: AppError): boolean {
  return /\b(002003|42S02)\b/.test(error.message);
}

/** Of some steps a warehouse has nothing to do: nobody is asked to run them. */
export function isNeeded(migration: Migration, dialect: Dialect): boolean {
  return dialect.migrationStatements(migration).length > 0;
}

function statementsOf(migration: Migration, dialect: Dialect): SqlStatement[] {
  return dialect.migrationStatements(migration).map((sql) => ({ sql }));
}

/** Over the rendered statements: what counts is what ran. */
export function checksumOf(migration: Migration, dialect: Dialect): string {
  return createHash('sha256').update(dialect.migrationStatements(migration).join(';\n')).digest('hex');
}

/** @throws AppError `WAREHOUSE.SCHEMA_MISMATCH` when it was applied in another form. */
function isApplied(migration: Migration, known: Map<string, string>, dialect: Dialect): boolean {
  const recorded = known.get(migration.version);
  if (recorded === undefined) return false;
  if (recorded === checksumOf(migration, dialect)) return true;
  throw new AppError(
    'WAREHOUSE.SCHEMA_MISMATCH',
    `migration ${migration.version} was applied in another form; a released migration may not be changed, ` +
      'so start the release that made the schema; "npm run migrate" of this one would be refused too',
  );
}
