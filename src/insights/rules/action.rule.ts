import { type CalendarDay, isoDate } from '../text/calendar.js';
import { type DueMatch, dueDate } from '../text/due-date.js';
import { contentWords, isSameTask } from './action-dedupe.js';
import { ownerOf } from './action-owner.js';
import { type ConversationView, type Line, lineEvidence, type Turn } from './conversation-view.js';
import { type Finding, rounded } from './finding.js';
import type { MarkedLine } from './marked-line.js';
import type { RuleSet } from './rule-set.js';
import type { Task } from './task.js';

/** A due date makes a task of what might be talk. */
const WITH_DUE = 0.2;
const ACCEPTED = 0.25;
/** Said by the one who has to do it only as a possibility. */
const VOID_CONTEXTS = ['action.tentative', 'action.incall', 'action.declined', 'action.joke'] as const;

/** What somebody promised to do after the conversation, or was asked to do and accepted. */
export function actionFindings(
  lines: readonly MarkedLine[],
  view: ConversationView,
  today: CalendarDay | null,
  rules: RuleSet,
): Finding[] {
  const byTurn = new Map<Turn, MarkedLine[]>();
  for (const marked of lines) {
    const { turn } = marked.line;
    const group = byTurn.get(turn);
    if (group === undefined) byTurn.set(turn, [marked]);
    else group.push(marked);
  }
  const scope = { view, dates: new Dates(today), rules, byTurn };
  const tasks: Task[] = [];
  let open: Request[] = [];
  for (const turn of view.turns) {
    const said = tasksOfTurn(turn, scope);
    if (said.length === 0 && open.length === 0) continue;
    const promises = said.filter(({ cue }) => !cue.isRequest);
    const { settled, kept, stillOpen } = answered(open, promises, turn, scope);
    for (const task of [...settled, ...kept]) addTask(tasks, task);
    const asked = said.filter(({ cue }) => cue.isRequest).map((task) => ({ task, turn }));
    open = [...stillOpen, ...asked];
  }
  if (view.conversation.kind === 'email') for (const { task } of open) addTask(tasks, task);
  return tasks.filter(({ score }) => score >= LEAST_SCORE).map(finding);
}

/** Less is not worth a row. */
const LEAST_SCORE = 0.3;

/** A request that waits for its answer. */
interface Request {
  readonly task: Task;
  readonly turn: Turn;
}

/** The dates that sentences name; the same ones are asked several times. */
class Dates {
  private readonly known = new Map<readonly string[], DueMatch | null>();

  /** @param today null where the day of the conversation is not known: then none is named */
  constructor(private readonly today: CalendarDay | null) {}

  in(words: readonly string[]): DueMatch | null {
    if (this.today === null) return null;
    const known = this.known.get(words);
    if (known !== undefined) return known;
    const due = dueDate(words, this.today);
    this.known.set(words, due);
    return due;
  }
}

interface Scope {
  readonly view: ConversationView;
  readonly dates: Dates;
  readonly rules: RuleSet;
  readonly byTurn: ReadonlyMap<Turn, readonly MarkedLine[]>;
}

function finding({ lines, cueIds, owner, due, score }: Task): Finding {
  return {
    kind: 'action_item',
    rules: cueIds,
    source: 'rules',
    score: rounded(score),
    evidence: [...new Set(lines)].map(lineEvidence),
    ...(owner === null ? {} : { owner }),
    ...(due === null || due.day === null ? {} : { due: isoDate(due.day) }),
  };
}

/** The same task is listed once; the one that was said more fully stays. */
function addTask(tasks: Task[], task: Task): void {
  const at = tasks.findIndex((other) => isSameTask(other, task));
  const before = tasks[at];
  if (before === undefined) {
    tasks.push(task);
    return;
  }
  const isDated = before.due !== null && before.due.day !== null;
  const due = isDated ? before.due : task.due;
  tasks[at] = { ...before, due, score: Math.max(before.score, task.score) };
}

function tasksOfTurn(turn: Turn, scope: Scope): Task[] {
  const tasks: Task[] = [];
  for (const marked of scope.byTurn.get(turn) ?? []) {
    if (marked.actions.length === 0) continue;
    const task = taskIn(marked, scope);
    if (task === null) continue;
    const last = tasks.at(-1);
    if (last !== undefined && goesOn(last, task)) tasks[tasks.length - 1] = joined(last, task);
    else tasks.push(task);
  }
  return tasks.filter(({ cue, due }) => !cue.needsDue || due !== null);
}

/** "I can get that out of their system. You'll have it by Friday." is one task. */
function goesOn(last: Task, next: Task): boolean {
  if (last.owner !== next.owner) return false;
  if (last.due !== null && next.due !== null) return false;
  return last.cue.needsDue || next.cue.needsDue || next.content.size <= 1 || isSameTask(last, next);
}

function joined(last: Task, next: Task): Task {
  const keepsFirst = last.score >= next.score;
  return {
    ...(keepsFirst ? last : next),
    lines: keepsFirst ? [...last.lines, ...next.lines] : [...next.lines, ...last.lines],
    due: last.due ?? next.due,
    score: Math.min(0.95, Math.max(last.score, next.score) + 0.05),
    cueIds: [...new Set([...last.cueIds, ...next.cueIds])],
    content: new Set([...last.content, ...next.content]),
  };
}

function taskIn(marked: MarkedLine, { view, dates }: Scope): Task | null {
  const { words, context, line } = marked;
  const matches = marked.actions.filter(({ start }) => !isConditional(words, start));
  if (matches.length === 0 || VOID_CONTEXTS.some((id) => context.includes(id))) return null;
  const best = matches.reduce((a, b) => (b.cue.weight > a.cue.weight ? b : a));
  const later = deadline(words, best.start, dates) ?? dueSaidAfter(line, dates);
  return {
    lines: [line],
    cueIds: matches.map(({ cue }) => cue.id),
    cue: best.cue,
    owner: ownerOf(best, words, line, view),
    due: later,
    score: best.cue.weight + (later === null ? 0 : WITH_DUE),
    content: contentWords(words.slice(best.start)),
  };
}

/** "If you do this, I'll come too": only if. "If that helps, I'll send it" is courtesy. */
function isConditional(words: readonly string[], start: number): boolean {
  const at = words.lastIndexOf('if', start);
  if (at < 0 || at > start || start - at > 12) return false;
  const after = words.slice(at + 1, at + 4).join(' ');
  return !/^(that|it) (is|works|helps|would|makes)|^you (do not mind|like|want|are okay)|^i may|^possible/.test(
    after,
  );
}

/** The date of the task. Said before it, it must be said as a deadline: "by Friday I'll ...". */
function deadline(words: readonly string[], start: number, dates: Dates): DueMatch | null {
  const due = dates.in(words);
  if (due === null || due.start >= start) return due;
  if (/^(is|was|are|were)$/.test(words[due.end] ?? '')) return null;
  const isDeadline =
    due.start <= 1 ||
    due.end >= start - 1 ||
    /^(by|before|on|until|me|within)$/.test(words[due.start - 1] ?? '');
  return isDeadline ? due : null;
}

/** The date may come in a sentence of its own: "By Friday would be great." */
function dueSaidAfter({ turn, sentence }: Line, dates: Dates): DueMatch | null {
  const at = turn.lines.findIndex((line) => line.sentence === sentence);
  const after = turn.lines.slice(at + 1, at + 3).map((line) => dueAlone(line, dates));
  return after.find((due) => due !== null) ?? null;
}

/** A sentence that is little but a date. */
function dueAlone(line: Line, dates: Dates): DueMatch | null {
  const { words } = line.sentence;
  if (words.length > 9) return null;
  const due = dates.in(words);
  return due !== null && due.start <= 6 ? due : null;
}

/**
 * What becomes of the open requests in the turn that follows. A bare yes makes the request the task, with the
 * date of the answer; an answer that is a fuller promise is the task itself; a no, or no answer, is none.
 */
function answered(
  open: readonly Request[],
  promises: readonly Task[],
  turn: Turn,
  scope: Scope,
): { settled: Task[]; kept: Task[]; stillOpen: Request[] } {
  const settled: Task[] = [];
  const stillOpen: Request[] = [];
  let kept = [...promises];
  for (const request of open) {
    const answer = answerIn(turn, kept, scope);
    if (isForSomebodyElse(request, turn)) {
      stillOpen.push(request);
      continue;
    }
    if (answer.isRefused) continue;
    const { promise } = answer;
    if (promise !== null && isTheTask(promise, request.task)) {
      const fuller = { ...promise, lines: [...promise.lines, ...request.task.lines] };
      kept = kept.map((task) => (task === promise ? fuller : task));
    } else if (promise !== null || answer.isAccepted) {
      settled.push(accepted(request, answer));
      if (promise !== null && repeats(promise, request.task)) kept = kept.filter((task) => task !== promise);
    }
  }
  return { settled, kept, stillOpen };
}

/** Asked by name, and another one spoke first: the answer may come in the turn after. */
function isForSomebodyElse({ task, turn: asked }: Request, turn: Turn): boolean {
  const isNamed = task.owner !== null && turn.party?.name !== task.owner;
  return isNamed && turn.at - asked.at === 1;
}

/** Whether the answer says more than the request: a date the request lacks, and what will be done. */
function isTheTask(promise: Task, request: Task): boolean {
  const [asked, promised] = [request.due?.day?.dayNumber, promise.due?.day?.dayNumber];
  if (request.due !== null && (promised === undefined || promised === asked)) return false;
  return promise.content.size > 1 && !(promise.cue.needsDue && promise.content.size <= 2);
}

function repeats(promise: Task, request: Task): boolean {
  const day = promise.due?.day?.dayNumber;
  return day === undefined || day === request.due?.day?.dayNumber || promise.content.size <= 2;
}

function accepted({ task }: Request, answer: Answer): Task {
  const due = task.due ?? answer.due;
  const gained = ACCEPTED + (task.due === null && due !== null ? WITH_DUE : 0);
  return {
    ...task,
    owner: task.owner ?? answer.name,
    due,
    lines: answer.line === null ? task.lines : [...task.lines, answer.line],
    score: Math.min(0.95, task.score + gained),
  };
}

interface Answer {
  readonly name: string | null;
  readonly line: Line | null;
  readonly isAccepted: boolean;
  readonly isRefused: boolean;
  readonly due: DueMatch | null;
  readonly promise: Task | null;
}

/** How a turn answers what was asked before it. */
function answerIn(turn: Turn, promises: readonly Task[], scope: Scope): Answer {
  const lines = scope.byTurn.get(turn) ?? [];
  const head = lines.slice(0, 2);
  const replies = new Set(head.flatMap(({ words }) => repliesIn(words, scope)));
  const near = new Set(lines.slice(0, 3).map(({ line }) => line));
  const [promise = null] = promises.filter((task) => task.lines.some((line) => near.has(line)));
  return {
    name: turn.party?.name ?? null,
    line: turn.lines[0] ?? null,
    isAccepted: replies.has('reply.accept') || isJustADate(lines, scope),
    isRefused: replies.has('reply.no') || head.some((one) => isEvasive(one, scope)),
    due: promise?.due ?? firstDue(head, scope),
    promise,
  };
}

/** "I could possibly look into it." */
function isEvasive({ words, actions }: MarkedLine, { rules }: Scope): boolean {
  return actions.length === 0 && rules.context.find(words).some(({ cue }) => cue.id === 'action.tentative');
}

/** "End of next week." answers when. */
function isJustADate(lines: readonly MarkedLine[], scope: Scope): boolean {
  const [first] = lines;
  return first !== undefined && first.words.length <= 6 && firstDue([first], scope) !== null;
}

/** What an answer begins with says whether it is a yes. */
const REPLY_WORDS = 9;

function repliesIn(words: readonly string[], { rules }: Scope): string[] {
  return rules.replies.find(words.slice(0, REPLY_WORDS)).map(({ cue }) => cue.id);
}

function firstDue(lines: readonly MarkedLine[], { dates }: Scope): DueMatch | null {
  return lines.map(({ words }) => dates.in(words)).find((due) => due !== null) ?? null;
}
