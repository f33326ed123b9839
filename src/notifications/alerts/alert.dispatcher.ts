import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import { AppConfig } from '../../config/app-config.js';
import { AlertOutbox } from './alert-outbox.js';
import { AlertQueues } from './alert-queues.js';

const BATCH = 50;
const POLL_MS = 250;
const RETRY_MS = 1_000;

/**
 * Moves alerts from the outbox to the queues. An alert leaves the outbox only when it is queued; a crash in
 * between queues it again, which its deduplication key absorbs. Several replicas may do it at once.
 */
@Injectable()
export class AlertDispatcher implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private isStopping = false;
  private running: Promise<void> = Promise.resolve();
  private wake: () => void = () => undefined;

  constructor(
    private readonly outbox: AlertOutbox,
    private readonly queues: AlertQueues,
    private readonly config: AppConfig,
    @InjectPinoLogger(AlertDispatcher.name) private readonly logger: PinoLogger,
  ) {}

  onApplicationBootstrap(): void {
    if (this.config.alerts.targets.length > 0) this.running = this.loop();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.isStopping = true;
    this.wake();
    await this.running;
  }

  private async loop(): Promise<void> {
    while (!this.isStopping) {
      const pauseMs = await this.moveSome();
      if (pauseMs > 0) await this.pause(pauseMs);
    }
  }

  /** @returns how long to wait before the next look. */
  private async moveSome(): Promise<number> {
    try {
      const waiting = await this.outbox.oldest(BATCH);
      if (waiting.length === 0) return POLL_MS;
      await Promise.all(
        waiting.flatMap(({ notification, addresses }) =>
          addresses.map((address) => this.queues.add(notification, address)),
        ),
      );
      await this.outbox.remove(waiting.map(({ place }) => place));
      return 0;
    } catch (error) {
      this.logger.warn({ reason: (error as Error).message }, 'alerts.not_dispatched');
      return RETRY_MS;
    }
  }

  private pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
