import { LineBuffer } from './line-buffer.js';

class Sink {
  readonly pieces: string[] = [];
  flushes = 0;

  write(text: string): void {
    this.pieces.push(text);
  }

  flushSync(): void {
    this.flushes += 1;
  }
}

describe('buffered log lines', () => {
  const setUp = () => {
    const sink = new Sink();
    return { sink, lines: new LineBuffer(sink) };
  };

  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('are written in pieces of many lines, in their order', () => {
    const { sink, lines } = setUp();
    const written = Array.from({ length: 1_000 }, (_, at) => `{"line":${at}}\n`.padStart(100, ' '));
    for (const line of written) lines.write(line);
    expect(sink.pieces.length).toBe(6);
    lines.flushSync();
    expect(sink.pieces.join('')).toBe(written.join(''));
    expect(sink.flushes).toBe(1);
  });

  it('wait a second at the longest', () => {
    const { sink, lines } = setUp();
    lines.write('one\n');
    expect(sink.pieces).toEqual([]);
    jest.advanceTimersByTime(1_000);
    expect(sink.pieces).toEqual(['one\n']);
    jest.advanceTimersByTime(5_000);
    expect(sink.pieces).toEqual(['one\n']);
  });

  it('that wait when the process exits are written first', () => {
    const before = new Set(process.listeners('exit'));
    const { sink, lines } = setUp();
    lines.write('the last words\n');
    const [onExit] = process.listeners('exit').filter((listener) => !before.has(listener));
    onExit?.(0);
    expect(sink).toMatchObject({ pieces: ['the last words\n'], flushes: 1 });
  });
});
