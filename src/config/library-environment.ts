/**
 * Switches that a library reads from the environment, because it offers no other way. Set before it is loaded.
 * snowflake-sdk 3.3.0 otherwise asks the addresses of three clouds where it runs, loads a native addon, and
 * reports the form of its connection.
 */
const SNOWFLAKE_SDK_SWITCHES = {
  SNOWFLAKE_DISABLE_PLATFORM_DETECTION: 'true',
  SNOWFLAKE_DISABLE_MINICORE: 'true',
  SF_TELEMETRY_DISABLE_CONNECTION_SHAPE: 'true',
};

/** Keeps snowflake-sdk from everything but what it is asked to do. */
export function quietSnowflakeSdk(): void {
  Object.assign(process.env, SNOWFLAKE_SDK_SWITCHES);
}
