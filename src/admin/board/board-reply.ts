import type { BullBoard } from './bull-board.js';
import { BOARD_POLICY } from './board-page.js';

/** What is used of a reply of Fastify. */
export interface BoardReply {
  header(name: string, value: string): unknown;
  send(body: string | Buffer): unknown;
}

/** Sends the one page of the board, which finds out from its address what to show. */
export async function sendBoardPage(reply: BoardReply, board: BullBoard): Promise<void> {
  const page = await board.page();
  reply.header('content-type', 'text/html; charset=utf-8');
  reply.header('content-security-policy', BOARD_POLICY);
  reply.header('cache-control', 'no-store');
  reply.header('vary', 'accept');
  reply.send(page);
}
