/** A part of a document that can be quoted as an answer: one bullet with what is nested in it, or one paragraph. */
export interface Passage {
  /** The headings it stands under, without the document's title: `Notes > March`. */
  readonly section: string;
  readonly text: string;
}

/** Longer paragraphs are split between sentences, so that an answer stays quotable. */
const LONGEST_PASSAGE = 600;

const HEADING = /^(#{1,6})\s+(.+)$/;
const BULLET = /^(?:[-*+]|\d+[.)])\s+(.*)$/;
const TABLE_ROW = /^\|.*\|$/;
const TABLE_RULE = /^\|[\s:|-]+\|$/;

/** Splits Markdown into passages, in their order. Pure. */
export function passagesOf(markdown: string): Passage[] {
  const reader = new PassageReader();
  for (const line of markdown.split(/\r?\n/)) reader.take(line);
  return reader.finish();
}

/** How a passage reads when it stands alone. */
export function quoteOf({ section, text }: Passage): string {
  return section === '' ? text : `${section}: ${text}`;
}

class PassageReader {
  private readonly passages: Passage[] = [];
  private headings: string[] = [];
  private open: string[] = [];

  take(line: string): void {
    const text = line.trim();
    const [, marks, title] = HEADING.exec(text) ?? [];
    if (text === '' || TABLE_RULE.test(text)) this.close();
    else if (marks !== undefined && title !== undefined) this.enter(marks.length, title);
    else this.takeText(line, text);
  }

  finish(): Passage[] {
    this.close();
    return this.passages;
  }

  private takeText(line: string, text: string): void {
    const isNested = /^\s/.test(line) && this.open.length > 0;
    const bullet = BULLET.exec(text)?.[1];
    if (!isNested && (bullet !== undefined || TABLE_ROW.test(text))) this.close();
    this.open.push(bullet !== undefined && !isNested ? bullet : text);
  }

  private enter(level: number, title: string): void {
    this.close();
    this.headings = [...this.headings.slice(0, level - 1)];
    this.headings[level - 1] = title;
  }

  private close(): void {
    const section = this.headings.slice(1).filter(Boolean).join(' > ');
    for (const text of shortened(this.open.join(' ').replace(/\s+/g, ' ').trim())) {
      this.passages.push({ section, text });
    }
    this.open = [];
  }
}

/** The text in parts of at most LONGEST_PASSAGE characters, split between sentences where there are any. */
function shortened(text: string): string[] {
  if (text === '') return [];
  if (text.length <= LONGEST_PASSAGE) return [text];
  const parts: string[] = [];
  for (const sentence of text.split(/(?<=[.!?;])\s+/)) {
    const last = parts.at(-1);
    if (last !== undefined && last.length + sentence.length < LONGEST_PASSAGE) {
      parts[parts.length - 1] = `${last} ${sentence}`;
    } else parts.push(sentence);
  }
  return parts;
}
