import { Inject, Injectable } from '@nestjs/common';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import { KEY_PREFIX } from '../contracts/queues.js';
import { RedisClient } from '../redis/redis-client.js';

const KEY = `${KEY_PREFIX}:audit`;
/** About a year of a busy desk; the lines are in the log as well, which keeps them as long as it is kept. */
const MAX_ENTRIES = 200_000;
const CHUNK = 500;

/** Who changed what. Never a token, a body or a secret. */
export interface AuditAction {
  /** Name of the token or session. */
  readonly who: string;
  /** Method and path, e.g. `POST /admin/dead-letters/events.1/replay`. */
  readonly what: string;
  /** Address the request came from. */
  readonly from: string;
  readonly correlationId: string;
}

export interface AuditEntry extends AuditAction {
  readonly id: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** `done`, the code of an error, or `begun` when the process died before the end or the change still runs. */
  readonly result: string;
  /** What the operator gave as a reason, or how much was changed. */
  readonly note: string | null;
}

type AuditEnd = Pick<AuditEntry, 'result' | 'note'>;
/** A line of the stream: an action, or the end `of` one. */
type AuditLine = Partial<Record<'action' | 'of' | 'end', string>>;
const BEGUN: AuditEnd = { result: 'begun', note: null };

/**
 * What operators did. A change is written before it is made and once more when it is done, so that one whose
 * process died in between is there too.
 */
@Injectable()
export class AuditLog {
  constructor(
    @Inject(RedisClient) private readonly redis: RedisClient,
    @InjectPinoLogger(AuditLog.name) private readonly logger: PinoLogger,
  ) {}

  /** @returns the id of the entry, for `end`. @throws when it cannot be written; then nothing may be changed. */
  async begin(action: AuditAction): Promise<string> {
    const id = await this.append(['action', JSON.stringify(action)]);
    this.logger.info({ ...action, auditId: id }, 'audit.begun');
    return id;
  }

  /** @param result `done`, or the code of the error. */
  async end(id: string, action: AuditAction, result: string, note: string | null): Promise<void> {
    const end = { result, note: note === null ? null : withoutAddresses(note) } satisfies AuditEnd;
    this.logger.info({ ...action, auditId: id, ...end }, 'audit.ended');
    await this.append(['of', id, 'end', JSON.stringify(end)]);
  }

  /**
   * Newest first.
   * @param before id of the last entry of the page before.
   */
  async page(limit: number, before?: string): Promise<{ items: AuditEntry[]; nextCursor: string | null }> {
    const items: AuditEntry[] = [];
    for await (const entry of this.newestFirst()) {
      if (before !== undefined && !isBefore(entry.id, before)) continue;
      if (items.length === limit) return { items, nextCursor: items.at(-1)?.id ?? null };
      items.push(entry);
    }
    return { items, nextCursor: null };
  }

  /** The end of an entry was written after it, so going backwards it is known by then. */
  private async *newestFirst(): AsyncGenerator<AuditEntry> {
    const ends = new Map<string, AuditEnd>();
    for await (const [id, { action, of, end }] of this.lines()) {
      if (of !== undefined && end !== undefined) ends.set(of, JSON.parse(end) as AuditEnd);
      if (action === undefined) continue;
      yield { ...(JSON.parse(action) as AuditAction), id, at: timeOf(id), ...(ends.get(id) ?? BEGUN) };
    }
  }

  private async *lines(): AsyncGenerator<[string, AuditLine]> {
    for (let end = '+'; ;) {
      const lines = await this.redis.xrevrange(KEY, end, '-', 'COUNT', CHUNK);
      for (const [id, fields] of lines) yield [id, lineOf(fields)];
      const last = lines.at(-1);
      if (last === undefined || lines.length < CHUNK) return;
      end = `(${last[0]}`;
    }
  }

  private async append(fields: readonly string[]): Promise<string> {
    const id = await this.redis.xadd(KEY, 'MAXLEN', '~', MAX_ENTRIES, '*', ...fields);
    if (id === null) throw new Error('the audit log gave no id');
    return id;
  }
}

function lineOf(fields: readonly string[]): AuditLine {
  const pairs = fields.flatMap((name, index) => (index % 2 === 0 ? [[name, fields[index + 1]]] : []));
  return Object.fromEntries(pairs) as AuditLine;
}

/** The log outlives an erasure, so it never knows whom an operator wrote about. */
function withoutAddresses(note: string): string {
  return note.replace(/[^\s@<>"'(),;:]+@[^\s@<>"'(),;:]+/g, '[address]');
}

function timeOf(id: string): string {
  return new Date(Number(id.split('-')[0])).toISOString();
}

function isBefore(id: string, other: string): boolean {
  const [time = 0, sequence = 0] = id.split('-').map(Number);
  const [otherTime = 0, otherSequence = 0] = other.split('-').map(Number);
  return time < otherTime || (time === otherTime && sequence < otherSequence);
}
