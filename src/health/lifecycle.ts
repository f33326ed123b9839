import { Injectable } from '@nestjs/common';

export type LifecycleState = 'starting' | 'ready' | 'draining';

/** Where the process is in its life; main.ts sets it, readiness answers by it. */
@Injectable()
export class Lifecycle {
  state: LifecycleState = 'starting';
}
