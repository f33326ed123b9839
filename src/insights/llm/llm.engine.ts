import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../config/app-config.js';
import type { Conversation } from '../../contracts/conversation.js';
import { AppError, isCoded } from '../../contracts/errors.js';
import type { InsightReviewer, ReviewedAnalysis } from '../../contracts/ports/insight-reviewer.port.js';
import { InsightRules } from '../insight-rules.js';
import { analyseInSlices, withReview } from '../rules.engine.js';
import { type ModelAnswer, readAnswer } from './llm-answer.js';
import { LlmAnswers } from './llm-answers.js';
import { LlmBudget } from './llm-budget.js';
import { LlmClient, malformed, MAX_ANSWER_TOKENS } from './llm.client.js';
import { type Messages, messagesFor } from './llm-prompt.js';

/** Tokens are counted by the server; before, a request is taken for one token in so many characters. */
const CHARACTERS_PER_TOKEN = 3;

/** The rules, and a language model beside them. */
@Injectable()
export class LlmEngine implements InsightReviewer {
  constructor(
    private readonly config: AppConfig,
    private readonly insightRules: InsightRules,
    private readonly client: LlmClient,
    private readonly budget: LlmBudget,
    private readonly answers: LlmAnswers,
  ) {}

  get isOn(): boolean {
    return this.config.hasLlm;
  }

  async analyse(conversation: Conversation): Promise<ReviewedAnalysis> {
    const rules = this.insightRules.current;
    const { view, analysis } = await analyseInSlices(conversation, rules);
    const words = view.lines.reduce((sum, { sentence }) => sum + sentence.words.length, 0);
    if (words > rules.modelCaps.maxWords) {
      throw new AppError('LLM.REFUSED', `longer than ${rules.modelCaps.maxWords} words (llm.maxWords)`);
    }
    const messages = messagesFor(view, rules);
    const model = this.config.LLM_MODEL ?? '';
    const known = await this.answers.known(model, messages);
    const { answer, tokens } =
      known === null ? await this.ask(model, messages) : { answer: known, tokens: 0 };
    return withReview(analysis, view, answer, rules, { model, tokens, isKnown: known !== null });
  }

  /**
   * The tokens are settled whatever becomes of the answer: a server that wrote nonsense has written it, and one that
   * did not answer in time may have written all of it.
   */
  private async ask(model: string, messages: Messages): Promise<{ answer: ModelAnswer; tokens: number }> {
    const size = messages.reduce((sum, { content }) => sum + content.length, 0);
    const reservation = await this.budget.reserve(Math.ceil(size / CHARACTERS_PER_TOKEN) + MAX_ANSWER_TOKENS);
    let tokens = 0;
    try {
      const completion = await this.client.complete(messages);
      tokens = completion.tokens ?? reservation.tokens;
      const answer = readAnswer(completion.text);
      if (answer === null) throw malformed();
      await this.answers.keep(model, messages, answer);
      return { answer, tokens };
    } catch (error) {
      if (isCoded(error, 'LLM.TIMED_OUT')) tokens = reservation.tokens;
      throw error;
    } finally {
      await this.budget.settle(reservation, tokens);
    }
  }
}
