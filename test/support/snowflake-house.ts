import type { SnowflakeEmulator } from '../simulators/snowflake/snowflake-emulator.js';
import { GongHouse } from './gong-house.js';
import { runMigrate } from './run-migrate.js';
import { migratorEnvironment, snowflakeEnvironment, startAccount } from './snowflake-account.js';

/** An emulated account with the schema, and a house whose service writes to it. */
export class SnowflakeHouse {
  private constructor(
    readonly emulator: SnowflakeEmulator,
    readonly house: GongHouse,
  ) {}

  /** The service is not started yet. */
  static async create(environment: Record<string, string> = {}): Promise<SnowflakeHouse> {
    const emulator = await startAccount({ isDedupingRequests: false });
    const { code, output } = await runMigrate(migratorEnvironment(emulator));
    if (code !== 0) throw new Error(`the schema could not be made: ${output}`);
    const house = await GongHouse.create({
      ...snowflakeEnvironment(emulator),
      WAREHOUSE_FLUSH_SECONDS: '1',
      ...environment,
    });
    return new SnowflakeHouse(emulator, house);
  }

  async close(): Promise<void> {
    await this.house.close();
    await this.emulator.stop();
  }
}
