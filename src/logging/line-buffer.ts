/** So much is handed on at once; pino's destination writes at most 16 KiB in one piece. */
const PIECE_CHARACTERS = 16_000;
const LONGEST_WAIT_MS = 1_000;

/** Where the pieces go. */
export interface LineSink {
  write(text: string): unknown;
  flushSync(): void;
}

/**
 * Gathers log lines until there is a piece to write, a second has passed, or the process exits. pino's own buffer (`minLength`)
 * measures all it holds with each line, which makes the whole of it one string again: 7 of the 50 KB that a
 * webhook allocated (measured).
 */
export class LineBuffer {
  private lines: string[] = [];
  private characters = 0;

  constructor(private readonly sink: LineSink) {
    setInterval(() => this.handOn(), LONGEST_WAIT_MS).unref();
    process.once('exit', () => this.flushSync());
  }

  write(line: string): void {
    this.lines.push(line);
    this.characters += line.length;
    if (this.characters >= PIECE_CHARACTERS) this.handOn();
  }

  /** Writes everything now, and waits for it. */
  flushSync(): void {
    this.handOn();
    this.sink.flushSync();
  }

  private handOn(): void {
    if (this.lines.length === 0) return;
    this.sink.write(this.lines.join(''));
    this.lines = [];
    this.characters = 0;
  }
}
