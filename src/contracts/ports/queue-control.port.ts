export interface QueueState {
  readonly name: string;
  readonly isPaused: boolean;
  /** Jobs by state: waiting, prioritized, active, delayed, failed. */
  readonly counts: Readonly<Record<string, number>>;
}

/** What an operator does with whole queues. */
export interface QueueControl {
  list(): Promise<QueueState[]>;
  /** Over all processes, and over their restarts. @returns false for a queue that there is not. */
  pause(name: string): Promise<boolean>;
  resume(name: string): Promise<boolean>;
}

export const QueueControl = Symbol('QueueControl');
