import { IntakeModule } from './intake.module.js';

const routesOf = (role: 'all' | 'api' | 'worker') =>
  (IntakeModule.for(role).controllers ?? []).map((controller) => (controller as { name: string }).name);

describe('IntakeModule', () => {
  it.each(['all', 'api'] as const)('has the routes of webhooks in the role %s', (role) => {
    expect(routesOf(role)).toEqual([
      'GongWebhooksController',
      'ZohoWebhooksController',
      'WebhookStatusController',
    ]);
  });

  it('has none in a worker, which must not answer for events it cannot take', () => {
    expect(routesOf('worker')).toEqual([]);
  });
});
