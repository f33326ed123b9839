import { readConfig } from '../../../src/config/load-config';
import { ServiceProcess } from '../../support/service';
import { type PulumiEscOptions, PulumiEscSimulator } from '../../simulators/pulumi/pulumi-esc.simulator';

const TOKEN = 'pul-a-token-for-tests';
const SECRET = 'a-webhook-secret-of-more-than-32-characters';
const ENVIRONMENT = 'acme/tributary/production';

describe('a Pulumi ESC environment', () => {
  let pulumi: PulumiEscSimulator;
  const start = async (options: Partial<PulumiEscOptions> = {}) => {
    pulumi = await PulumiEscSimulator.start({
      token: TOKEN,
      environment: ENVIRONMENT,
      variables: { WEBHOOK_SECRETS: SECRET, PORT: '4100', LOG_LEVEL: 'warn' },
      ...options,
    });
    return {
      PULUMI_ESC_ENVIRONMENT: ENVIRONMENT,
      PULUMI_ACCESS_TOKEN: TOKEN,
      PULUMI_BACKEND_URL: pulumi.url,
    };
  };
  afterEach(() => pulumi.stop());

  it('adds its variables and never overrides one that is set', async () => {
    const config = await readConfig({ ...(await start()), PORT: '4200', LOG_LEVEL: '' });
    expect(config).toMatchObject({ PORT: 4200, LOG_LEVEL: 'warn', WEBHOOK_SECRETS: [SECRET] });
    expect(pulumi.requests).toEqual([
      `POST /api/esc/environments/${ENVIRONMENT}/open`,
      `GET /api/esc/environments/${ENVIRONMENT}/open/session-1`,
    ]);
  });

  it('does not override a variable that is set by its file', async () => {
    const environment = await start({ variables: { PORT: '4100' } });
    await expect(readConfig({ ...environment, PORT_FILE: '/nowhere' })).rejects.toThrow('PORT_FILE');
  });

  it('is asked for nothing unless it is named', async () => {
    const { PULUMI_BACKEND_URL } = await start();
    await readConfig({ PULUMI_BACKEND_URL });
    expect(pulumi.requests).toEqual([]);
  });

  it('has its values validated like all others, by name and without the value', async () => {
    const environment = await start({ variables: { WEBHOOK_SECRETS: 'short-one' } });
    const refused = await readConfig(environment).catch((error: Error) => error.message);
    expect(refused).toContain('WEBHOOK_SECRETS: ');
    expect(refused).not.toContain('short-one');
  });

  it.each<[string, Partial<PulumiEscOptions>, Record<string, string>, string]>([
    ['a wrong token', {}, { PULUMI_ACCESS_TOKEN: 'pul-wrong' }, 'POST was answered 401'],
    ['no token', {}, { PULUMI_ACCESS_TOKEN: '' }, 'PULUMI_ACCESS_TOKEN: is needed'],
    ['an unknown environment', {}, { PULUMI_ESC_ENVIRONMENT: 'a/b/c' }, 'POST was answered 404'],
    ['a name of two parts', {}, { PULUMI_ESC_ENVIRONMENT: 'acme/production' }, 'must be org/project/env'],
    ['an answer that is not JSON', { answer: `<p>${SECRET}</p>` }, {}, 'not JSON'],
    ['an environment without variables', { answer: '{"properties":{}}' }, {}, 'no environmentVariables'],
    ['a Pulumi that cannot be reached', {}, { PULUMI_BACKEND_URL: 'http://127.0.0.1:1' }, 'POST failed'],
    ['a Pulumi that is silent', { isSilent: true }, {}, 'no answer within 10 s'],
  ])('%s stops the start with a clear message', async (_what, options, changes, message) => {
    const environment = { ...(await start(options)), ...changes };
    const refused = await readConfig(environment).catch((error: Error) => error.message);
    expect(refused).toContain(message);
    expect(refused).not.toContain(SECRET);
    expect(refused).not.toContain(TOKEN);
  });

  it('is read by the service before anything else: exit code 78 where it is refused', async () => {
    const service = await ServiceProcess.create({ ...(await start()), PULUMI_ACCESS_TOKEN: 'pul-wrong' });
    try {
      service.launch();
      expect(await service.ended()).toBe(78);
      expect(service.output).toContain('PULUMI_ESC_ENVIRONMENT: POST was answered 401');
    } finally {
      await service.dispose();
    }
  });
});
