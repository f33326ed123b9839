/** Answer of `GET /webhooks/health`. */
export interface WebhookHealth {
  readonly status: 'healthy' | 'degraded' | 'unhealthy';
  readonly redis_connected: boolean;
  readonly queue_size: number;
  readonly queue_capacity: number;
  /** Percent. */
  readonly queue_utilization: number;
  readonly timestamp: string;
}

/** Answer of `GET /webhooks/metrics`. */
export interface WebhookMetrics {
  /** Requests, as all sums here; only `modules` counts events, of which a request may hold several. */
  readonly total_events: number;
  /** Proven to come from the vendor, whatever became of them. */
  readonly verified_events: number;
  /** Refused: not proven, or not readable. */
  readonly rejected_events: number;
  readonly duplicated_events: number;
  readonly queued_events: number;
  /** Answered 503, because the queue was full or away. */
  readonly failed_events: number;
  /** Percent of all requests that were proven authentic. */
  readonly acceptance_rate: number;
  /** Percent of the authentic requests that were repeats. */
  readonly deduplication_rate: number;
  readonly current_queue_size: number;
  readonly vendors: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly modules: Readonly<Record<string, number>>;
}
