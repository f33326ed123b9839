import { snowflakeError } from './snowflake-error.js';

describe('snowflakeError', () => {
  it.each([
    ['a lost connection', { code: 405503 }, 'reconnect'],
    ['a session that has ended', { code: '390112' }, 'reconnect'],
    ['a network failure', { code: 401001 }, 'retry'],
    ['a cancelled statement', { code: '000604', sqlState: '57014' }, 'retry'],
    ['a code whose zeros the driver has lost', { code: 604 }, 'retry'],
    ['a missing table', { code: '002003', sqlState: '42S02' }, 'config'],
    ['a refused login', { code: '390100', sqlState: '08001' }, 'auth'],
    ['a value that does not fit', { code: '100038', sqlState: '22018' }, 'data'],
    ['a duplicate that the server refuses', { code: '100072', sqlState: '23000' }, 'data'],
    ['a session without a database, which says 22000 too', { code: '099999', sqlState: '22000' }, 'config'],
    ['a syntax that is wrong', { code: '001003', sqlState: '42000' }, 'config'],
    ['a code of values with a state of none', { code: '100183', sqlState: 'P0000' }, 'retry'],
    ['what nobody foresaw', { code: '999999' }, 'retry'],
    ['an error without a code', new Error('odd'), 'retry'],
  ] as const)('knows %s', (_what, thrown, kind) => {
    expect(snowflakeError(thrown, 'statement')).toMatchObject({ kind, cause: thrown });
  });

  it.each([
    ['reconnect', 407001, 'WAREHOUSE.UNAVAILABLE', 'backoff'],
    ['retry', 401001, 'WAREHOUSE.UNAVAILABLE', 'backoff'],
    ['auth', 390100, 'WAREHOUSE.AUTHENTICATION', 'never'],
    ['config', 3001, 'WAREHOUSE.MISCONFIGURED', 'never'],
  ] as const)('of the kind %s is one of our codes with a policy', (kind, code, ours, retry) => {
    expect(snowflakeError({ code }, 'statement')).toMatchObject({ kind, code: ours, retry });
  });

  it('at a login takes every refusal of the server for one of who we are', () => {
    expect(snowflakeError({ code: 390112 }, 'login').kind).toBe('auth');
    expect(snowflakeError({ code: 401001 }, 'login').kind).toBe('retry');
  });

  it('never repeats the text of a failure that may quote a cell of a row', () => {
    const data = { queryId: '01b2' };
    const about = {
      message: "Numeric value 'dana@contoso.example' is not recognized",
      sqlState: '22018',
      data,
    };
    for (const code of ['100038', '999999', '405503']) {
      expect(snowflakeError({ ...about, code }, 'statement').message).toBe(
        `Snowflake error ${code} (22018), query 01b2`,
      );
    }
  });

  it('repeats the beginning of what is said about logins and objects, on one line', () => {
    const message = `Object 'T'\ndoes not exist${'.'.repeat(500)}`;
    const error = snowflakeError({ code: '002003', message, data: null }, 'statement');
    expect(error.message).toMatch(/^Snowflake error 002003: Object 'T' does not exist\.+$/);
    expect(error.message.length).toBeLessThan(350);
  });

  it('leaves its own as they are', () => {
    const error = snowflakeError({ code: 401001 }, 'statement');
    expect(snowflakeError(error, 'login')).toBe(error);
  });
});
