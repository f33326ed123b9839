import type { JsonObject } from '../contracts/json.js';
import type { StageRecord } from '../contracts/ports/warehouse-reader.port.js';
import type { CellValue } from '../contracts/tables.js';

type Cells = Readonly<Record<string, CellValue | undefined>>;

/** A row of WEBHOOK_PROCESSING_HISTORY, as people read it. Its time is that of the stage's end. */
export function stageRecord(row: Cells): StageRecord {
  const durationMs = Number(row.DURATION_MS ?? 0);
  const endedAt = text(row.OCCURRED_AT);
  const code = textOrNull(row.ERROR_CODE);
  return {
    stage: text(row.STAGE),
    status: text(row.STATUS),
    attempt: Number(row.ATTEMPT),
    startedAt: new Date(Date.parse(endedAt) - durationMs).toISOString(),
    endedAt,
    durationMs,
    error: code === null ? null : { code, message: textOrNull(row.ERROR_MESSAGE) ?? '' },
    workerId: textOrNull(row.WORKER_ID),
    details: jsonObject(row.DETAILS),
  };
}

const text = (cell: CellValue | undefined) => String(cell ?? '');
const textOrNull = (cell: CellValue | undefined) =>
  cell === null || cell === undefined ? null : String(cell);

function jsonObject(cell: CellValue | undefined): JsonObject | null {
  return typeof cell === 'string' ? (JSON.parse(cell) as JsonObject) : null;
}
