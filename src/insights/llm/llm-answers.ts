import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { KEY_PREFIX } from '../../contracts/queues.js';
import { RedisClient } from '../../redis/redis-client.js';
import type { ModelAnswer } from './llm-answer.js';
import { type Messages, PROMPT_VERSION } from './llm-prompt.js';

const KEPT_SECONDS = 7 * 86_400;

/**
 * Answers that were paid for, by what was asked. They hold numbers of sentences and known words, nothing that
 * anybody said.
 */
@Injectable()
export class LlmAnswers {
  constructor(@Inject(RedisClient) private readonly redis: RedisClient) {}

  async known(model: string, messages: Messages): Promise<ModelAnswer | null> {
    const text = await this.redis.get(keyOf(model, messages));
    return text === null ? null : (JSON.parse(text) as ModelAnswer);
  }

  async keep(model: string, messages: Messages, answer: ModelAnswer): Promise<void> {
    await this.redis.set(keyOf(model, messages), JSON.stringify(answer), 'EX', KEPT_SECONDS);
  }
}

function keyOf(model: string, messages: Messages): string {
  const asked = JSON.stringify([PROMPT_VERSION, model, messages]);
  return `${KEY_PREFIX}:llm:answer:${createHash('sha256').update(asked).digest('hex')}`;
}
