import { Module } from '@nestjs/common';
import { AccountView } from './account-view.js';
import { AccountsController } from './accounts.controller.js';
import { AuditController } from './audit.controller.js';
import { AuditInterceptor } from './audit.interceptor.js';
import { AuditLog } from './audit-log.js';
import { BoardController } from './board/board.controller.js';
import { BullBoard } from './board/bull-board.js';
import { DeadLettersController } from './dead-letters.controller.js';
import { GongVerifyController } from './gong-verify.controller.js';
import { QueuesController } from './queues.controller.js';
import { ReconciliationsController } from './reconciliations.controller.js';
import { ZohoChannelsController } from './zoho-channels.controller.js';
import { ErasuresController } from './erasures.controller.js';
import { EventSearch } from './event-search.js';
import { EventTimeline } from './event-timeline.js';
import { EventsController } from './events.controller.js';
import { InsightsController } from './insights.controller.js';
import { RecallController } from './recall.controller.js';
import { ReplaysController } from './replays.controller.js';
import { SessionController } from './session.controller.js';

/**
 * Owns the operator's routes under /admin and the audit log of what operators change. It speaks to everything
 * else through ports, and must not know who keeps what it shows.
 */
@Module({
  controllers: [
    AccountsController,
    AuditController,
    BoardController,
    DeadLettersController,
    ErasuresController,
    EventsController,
    GongVerifyController,
    InsightsController,
    QueuesController,
    RecallController,
    ReconciliationsController,
    ReplaysController,
    SessionController,
    ZohoChannelsController,
  ],
  providers: [AccountView, AuditInterceptor, AuditLog, BullBoard, EventSearch, EventTimeline],
})
export class AdminModule {}
