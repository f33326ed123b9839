import type { Task } from './task.js';

const EMPTY = new Set(
  'i you we it that this them him her they me us he she the a an and or but so to of for in on at by with from will would can could going get have has had be is are was just also then my your our their its up over out back do done make sure please let send'.split(
    ' ',
  ),
);

/** What follows says when or why, and not what. */
const REASON = /^(by|before|until|because|which|so)$/;

/** Words that say what is to be done. */
export function contentWords(words: readonly string[]): ReadonlySet<string> {
  const end = words.findIndex((word) => REASON.test(word));
  const what = end < 0 ? words : words.slice(0, end);
  return new Set(what.filter((word) => word.length > 2 && !EMPTY.has(word)));
}

/** The same owner, and mostly the same words; or nothing but the same date again. */
export function isSameTask(a: Task, b: Task): boolean {
  if (a.owner !== b.owner) return false;
  const shared = [...b.content].filter((word) => a.content.has(word)).length;
  const smaller = Math.min(a.content.size, b.content.size);
  if (isSameDay(a, b)) return smaller <= 3 || (shared >= 2 && shared / smaller >= 0.4);
  return shared >= 2 && shared / smaller >= 0.6;
}

function isSameDay(a: Task, b: Task): boolean {
  const day = a.due?.day?.dayNumber;
  return day !== undefined && day === b.due?.day?.dayNumber;
}
