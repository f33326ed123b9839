import { PRIORITIES } from '../../contracts/insight.js';
import { ALL_CHANNELS } from '../../contracts/notification.js';
import { apiDoc } from '../../openapi/documented.decorator.js';

const EVENTS = `retry: 2000

id: gong:calls@1772634120345-0
data: {"v":1,"id":"28e70fcc7828a1ea332c3d657dba7703","type":"call","channel":"sophia:gong:calls", ...}

: heartbeat

`;

export const NOTIFICATION_STREAM_API = apiDoc({
  tag: { name: 'Notifications', description: 'What agents hear.' },
  routes: {
    stream: {
      summary: 'Messages as server-sent events, resumable',
      description:
        'The data of each event is a message (`Message`). An event `gap` says that messages were missed which are kept no ' +
        'longer. An agent that does not read is cut off when a megabyte waits for it, and resumes.',
      parameters: [
        {
          name: 'channels',
          in: 'query',
          description: `A comma list of ${ALL_CHANNELS.map((name) => `\`${name}\``).join(', ')}, also with their prefix; without it all but the priority channels, which repeat them.`,
          schema: { type: 'string' },
          example: 'gong:calls,gong:errors',
        },
        {
          name: 'priority',
          in: 'query',
          description: `Only these: a comma list of ${PRIORITIES.map((name) => `\`${name}\``).join(', ')}.`,
          schema: { type: 'string' },
          example: 'high,urgent',
        },
        {
          name: 'Last-Event-ID',
          in: 'header',
          description:
            'The `id` of the last event: goes on after it. `gong:calls@0-0` begins with the oldest message that is kept.',
          schema: { type: 'string' },
        },
      ],
      answers: {
        200: {
          description: 'It does not end.',
          content: { 'text/event-stream': { schema: { type: 'string' }, examples: { beginning: EVENTS } } },
        },
      },
      errors: ['REQUEST.INVALID', 'NOTIFICATIONS.STREAM_UNAVAILABLE'],
    },
  },
});
