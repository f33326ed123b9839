import { Controller, Get, Param } from '@nestjs/common';
import { AppError } from '../contracts/errors.js';
import { AdminRoute } from './admin-route.decorator.js';
import { EventSearchQuery } from './event.queries.js';
import { EventSearch, type FoundEvents } from './event-search.js';
import { type EventDetail, EventTimeline } from './event-timeline.js';
import { CheckedQuery } from './json-body.decorator.js';
import { pageLimit } from './page.query.js';
import { Documented } from '../openapi/documented.decorator.js';
import { EVENTS_API } from './events.openapi.js';

const EVENT_ID = /^[0-9a-f]{64}$/;
const NOBODY_KNOWS =
  'there is no such event: no webhook with it was accepted, or its rows were purged (RAW_RETENTION_DAYS); ' +
  'POST /admin/reconciliations fetches what a vendor did not deliver';

/** `/admin/events`: where every event is, what happened to it and what to do about it. */
@Controller('admin/events')
@AdminRoute()
@Documented(EVENTS_API)
export class EventsController {
  constructor(
    private readonly search: EventSearch,
    private readonly timeline: EventTimeline,
  ) {}

  @Get()
  list(@CheckedQuery(EventSearchQuery) query: EventSearchQuery): Promise<FoundEvents> {
    return this.search.find(query, pageLimit(query));
  }

  @Get(':id')
  async one(@Param('id') id: string): Promise<EventDetail> {
    const detail = EVENT_ID.test(id) ? await this.timeline.of(id) : undefined;
    if (detail === undefined) throw new AppError('REQUEST.NOT_FOUND', NOBODY_KNOWS);
    return detail;
  }
}
