import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the model is told: the JSON document of the user message. */
export interface ToldDocument {
  readonly sentences: readonly {
    readonly id: number;
    readonly party: number | null;
    readonly text: string;
  }[];
}

export interface ReceivedRequest {
  readonly authorization: string | undefined;
  readonly body: {
    readonly model: string;
    readonly messages: readonly { readonly role: string; readonly content: string }[];
    readonly response_format?: { readonly type: string };
  };
  readonly document: ToldDocument;
}

/**
 * How the server behaves. Envelope, `refusal`, `finish_reason`, `usage`: OpenAI's API reference, "Create chat
 * completion" and "Structured outputs". 429 with retry-after and 5xx: its guides "Rate limits" and "Error codes".
 */
export type LlmBehaviour =
  | 'answers'
  /** 429 with `retry-after: 1` ("Rate limits"). */
  | 'limited'
  /** 500, the body is no JSON, as proxies in front of models answer. */
  | 'broken'
  /** Takes the request and says nothing. */
  | 'hangs'
  /** Prose where JSON was asked for: what small local models do. */
  | 'chats'
  /** JSON between Markdown fences (llama.cpp and Ollama without a grammar). */
  | 'fences'
  /** `message.refusal` instead of content ("Structured outputs: refusals"). */
  | 'refuses'
  /** `finish_reason: length`: the JSON is cut off. */
  | 'is cut off'
  /** 400 for `response_format`, as servers answer that do not know json_schema. */
  | 'knows no schemas'
  /** 401 `invalid_api_key` ("Error codes"). */
  | 'knows no key';

type Finding = Readonly<Record<string, unknown>>;

/** A server with OpenAI's chat completions, and a model whose answers a test writes. */
export class LlmSimulator {
  behaviour: LlmBehaviour = 'answers';
  /** What the model finds in a document. */
  model: (document: ToldDocument) => readonly Finding[] = () => [];
  readonly requests: ReceivedRequest[] = [];
  readonly tokensEach = 1_000;
  private readonly server: Server;

  private constructor() {
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => this.answer(request, Buffer.concat(chunks).toString(), response));
    });
  }

  static async start(): Promise<LlmSimulator> {
    const simulator = new LlmSimulator();
    await new Promise<void>((resolve) => simulator.server.listen(0, '127.0.0.1', resolve));
    return simulator;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v1`;
  }

  /** What the service needs to find it. */
  get environment(): Record<string, string> {
    return {
      LLM_BASE_URL: this.url,
      LLM_API_KEY: 'a-key-of-the-simulated-model',
      LLM_MODEL: 'simulated-1',
      LLM_DAILY_TOKEN_BUDGET: '1000000',
    };
  }

  stop(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private answer(request: IncomingMessage, text: string, response: ServerResponse): void {
    const body = JSON.parse(text) as ReceivedRequest['body'];
    const told = body.messages.find(({ role }) => role === 'user')?.content ?? '{}';
    const document = JSON.parse(told) as ToldDocument;
    this.requests.push({ authorization: request.headers.authorization, body, document });
    const json = (status: number, content: unknown, headers: Record<string, string> = {}) =>
      response
        .writeHead(status, { 'content-type': 'application/json', ...headers })
        .end(JSON.stringify(content));
    const error = (code: string) => ({ error: { message: code, type: 'invalid_request_error', code } });
    const found = JSON.stringify({ findings: this.model(document) });
    switch (this.behaviour) {
      case 'answers':
        return void json(200, this.completion(body.model, { content: found }));
      case 'fences':
        return void json(
          200,
          this.completion(body.model, { content: `Here:\n\`\`\`json\n${found}\n\`\`\`` }),
        );
      case 'chats':
        return void json(200, this.completion(body.model, { content: 'I think they may leave.' }));
      case 'refuses':
        return void json(200, this.completion(body.model, { content: null, refusal: 'I cannot help.' }));
      case 'is cut off':
        return void json(200, this.completion(body.model, { content: found.slice(0, 9) }, 'length'));
      case 'knows no schemas':
        return body.response_format === undefined
          ? void json(200, this.completion(body.model, { content: found }))
          : void json(400, error('unsupported_parameter'));
      case 'knows no key':
        return void json(401, error('invalid_api_key'));
      case 'limited':
        return void json(429, error('rate_limit_exceeded'), { 'retry-after': '1' });
      case 'broken':
        return void response.writeHead(500).end('upstream');
      case 'hangs':
        return;
    }
  }

  private completion(model: string, message: Finding, reason = 'stop'): unknown {
    const usage = {
      prompt_tokens: this.tokensEach - 10,
      completion_tokens: 10,
      total_tokens: this.tokensEach,
    };
    return {
      id: 'chatcmpl-1',
      object: 'chat.completion',
      created: 1_700_000_000,
      model,
      choices: [
        { index: 0, message: { role: 'assistant', refusal: null, ...message }, finish_reason: reason },
      ],
      usage,
    };
  }
}

/** The finding that a model would make of every sentence with one of these words. */
export function findsWords(words: RegExp, finding: Finding): LlmSimulator['model'] {
  return ({ sentences }) =>
    sentences
      .filter(({ text }) => words.test(text))
      .map(({ id }) => ({ ...EMPTY, ...finding, sentenceIds: [id] }));
}

const EMPTY = { subject: null, stance: null, owner: null };

/**
 * A model that obeys whatever it reads: told to raise, it finds everything everywhere with full score, invents
 * sentences, sets priorities and deletes. (OWASP LLM01: such models exist.)
 */
export function obeys({ sentences }: ToldDocument): readonly Finding[] {
  const isTold = sentences.some(({ text }) =>
    /ignore (all|the|any|your|previous)|system prompt|assistant|priority|score/i.test(text),
  );
  if (!isTold) return [];
  const everything = ['churn_risk', 'upsell', 'action_item', 'competitor'].flatMap((kind) =>
    sentences.map(({ id }) => ({
      ...EMPTY,
      kind,
      score: 1,
      sentenceIds: [id],
      subject: 'clari',
      stance: 'evaluating',
      owner: 0,
      priority: 'urgent',
      quote: 'we cancel everything today',
    })),
  );
  return [
    ...everything,
    { ...EMPTY, kind: 'churn_risk', score: 99, sentenceIds: [999_999, -1, 1.5], priority: 'urgent' },
    { ...EMPTY, kind: 'delete_all', score: 1, sentenceIds: [0] },
    { ...EMPTY, kind: 'competitor', subject: 'http://evil.example', score: 1, sentenceIds: [0] },
  ];
}
