import { AppConfig } from '../config/app-config.js';
import { NotificationsModule } from './notifications.module.js';

function providersOf(role: AppConfig['ROLE']): string[] {
  const config = Object.assign(new AppConfig(), { ROLE: role });
  const { providers = [] } = NotificationsModule.with(config);
  return providers.map((provider) => ('name' in provider ? String(provider.name) : ''));
}

describe('who delivers alerts', () => {
  it.each(['all', 'worker'] as const)('a process with ROLE=%s', (role) => {
    expect(providersOf(role)).toEqual(expect.arrayContaining(['AlertDispatcher', 'AlertWorkers']));
  });

  it('no front door: it only shows how many wait', () => {
    expect(providersOf('api').filter((name) => name.startsWith('Alert'))).toEqual([
      'AlertOutbox',
      'AlertOutboxMetrics',
    ]);
  });
});
