import { AppConfig } from '../config/app-config.js';
import { CrmTasksModule } from './crm-tasks.module.js';

describe('who writes tasks into the CRM', () => {
  it.each([
    ['all', 'on', true],
    ['worker', 'on', true],
    ['api', 'on', false],
    ['worker', 'dry-run', false],
    ['all', 'off', false],
  ] as const)('a process with ROLE=%s and ZOHO_WRITE_BACK=%s: %s', (role, mode, writes) => {
    const config = Object.assign(new AppConfig(), { ROLE: role, ZOHO_WRITE_BACK: mode });
    const { providers = [] } = CrmTasksModule.with(config);
    const names = providers.map((provider) => ('name' in provider ? String(provider.name) : ''));
    expect(names.includes('CrmTaskProcessor')).toBe(writes);
    expect(names).toContain('CrmTaskQueue');
  });
});
