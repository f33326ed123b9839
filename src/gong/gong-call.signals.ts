import type { SignalText, VendorSignals } from '../contracts/conversation.js';
import type { JsonObject } from '../contracts/json.js';
import type { PayloadReader } from './gong-call.payload.js';
import type { CallSources } from './gong-call.sources.js';

/** What Gong's own analysis says of a call, wherever it says it; what did not occur (count or duration 0) is left out. */
export function signalsOf(reader: PayloadReader, sources: CallSources): VendorSignals {
  return {
    topics: topicsOf(reader, sources),
    highlights: [...highlightsOf(reader, sources), ...actionItemsOf(reader, sources)],
    keyPoints: textsOf(reader, sources, 'keyPoints'),
    brief: briefOf(reader, sources),
    outcome: outcomeOf(reader, sources),
    stats: statsOf(reader, sources),
    questions: questionsOf(reader, sources),
  };
}

function topicsOf(reader: PayloadReader, sources: CallSources): VendorSignals['topics'] {
  const { object, path } = sources.group('content', 'topics');
  return reader.objects(object, 'topics', path).flatMap(({ item, path: at }) => {
    const name = reader.text(item, 'name', at);
    const durationSeconds = reader.number(item, 'duration', at) ?? 0;
    return name === null || durationSeconds <= 0 ? [] : [{ name, durationSeconds }];
  });
}

function highlightsOf(reader: PayloadReader, sources: CallSources): VendorSignals['highlights'] {
  const { object, path } = sources.group('content', 'highlights');
  return reader.objects(object, 'highlights', path).map(({ item, path: at }) => ({
    title: reader.text(item, 'title', at) ?? '',
    items: reader.objects(item, 'items', at).flatMap((entry) => textAt(reader, entry, 'text')),
  }));
}

/** Gone from Gong's answers since 2025; read where it still comes. */
function actionItemsOf(reader: PayloadReader, sources: CallSources): VendorSignals['highlights'] {
  const { object, path } = sources.group('content', 'pointsOfInterest');
  const points = reader.object(object, 'pointsOfInterest', path);
  const items = reader
    .objects(points, 'actionItems', `${path}pointsOfInterest.`)
    .flatMap((entry) => textAt(reader, entry, 'snippet'));
  return items.length === 0 ? [] : [{ title: 'Action items', items }];
}

function textsOf(reader: PayloadReader, sources: CallSources, key: string): SignalText[] {
  const { object, path } = sources.group('content', key);
  return reader.objects(object, key, path).flatMap((entry) => textAt(reader, entry, 'text'));
}

function briefOf(reader: PayloadReader, sources: CallSources): SignalText | null {
  const { object, path } = sources.group('content', 'brief');
  return textAt(reader, { item: object, path }, 'brief')[0] ?? null;
}

function outcomeOf(reader: PayloadReader, sources: CallSources): VendorSignals['outcome'] {
  const { object, path } = sources.group('content', 'callOutcome');
  const at = `${path}callOutcome.`;
  const outcome = reader.object(object, 'callOutcome', path);
  const name = reader.text(outcome, 'name', at);
  if (name === null) return null;
  return { name, category: reader.text(outcome, 'category', at), field: `${at}name` };
}

function statsOf(reader: PayloadReader, sources: CallSources): VendorSignals['stats'] {
  const { object, path } = sources.group('interaction', 'interactionStats');
  const stats = reader.objects(object, 'interactionStats', path).flatMap(({ item, path: at }) => {
    const name = reader.text(item, 'name', at);
    const value = reader.number(item, 'value', at);
    return name === null || value === null ? [] : [[name, value] as const];
  });
  return Object.fromEntries(stats);
}

function questionsOf(reader: PayloadReader, sources: CallSources): VendorSignals['questions'] {
  const { object, path } = sources.group('interaction', 'questions');
  const at = `${path}questions.`;
  const questions = reader.object(object, 'questions', path);
  const internal = reader.number(questions, 'companyCount', at);
  const external = reader.number(questions, 'nonCompanyCount', at);
  return internal === null && external === null ? null : { internal: internal ?? 0, external: external ?? 0 };
}

function textAt(
  reader: PayloadReader,
  { item, path }: { item: JsonObject; path: string },
  key: string,
): SignalText[] {
  const text = reader.text(item, key, path);
  return text === null || text.trim() === '' ? [] : [{ text, field: `${path}${key}` }];
}
