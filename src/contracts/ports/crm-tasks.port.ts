import type { CrmTask } from '../crm-task.js';

/** `dry-run`: what would be written is recorded, and the CRM is not touched. */
export type WriteBackMode = 'off' | 'dry-run' | 'on';

export interface WrittenTask {
  /** The CRM's own id. */
  readonly taskId: string;
  /**
   * `written` now; `found`: an earlier attempt had written it, and its answer was lost; `known` to be written
   * since an earlier call.
   */
  readonly outcome: 'written' | 'found' | 'known';
}

/** Writes tasks into the CRM. */
export interface CrmTasks {
  readonly mode: WriteBackMode;
  /** Conversations that are older, in days, get no tasks any more. */
  readonly maxAgeDays: number;
  /**
   * Writes a task once, however often it is asked to, and wherever it dies.
   * @throws AppError with its own retry policy: a limit, a fault, or an earlier attempt whose outcome cannot be
   * known yet is `{ afterMs }`; what the CRM will never take is `never`.
   */
  write(task: CrmTask): Promise<WrittenTask>;
}

export const CrmTasks = Symbol('CrmTasks');
