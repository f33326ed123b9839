import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly source: string;
}

export type SmtpState = 'up' | 'busy' | 'refusing';

/**
 * A mail server as far as sending one mail needs it (RFC 5321): EHLO, MAIL, RCPT, DATA, RSET, QUIT. `busy`
 * answers DATA with 451, `refusing` answers RCPT with 550.
 */
export class SmtpSimulator {
  state: SmtpState = 'up';
  readonly mails: ReceivedMail[] = [];
  attempts = 0;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  private constructor() {
    this.server = createServer((socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
      socket.on('error', () => undefined);
      this.converse(socket);
    });
  }

  static async start(): Promise<SmtpSimulator> {
    const smtp = new SmtpSimulator();
    await new Promise<void>((resolve) => smtp.server.listen(0, '127.0.0.1', resolve));
    return smtp;
  }

  get url(): string {
    return `smtp://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private converse(socket: Socket): void {
    let text = '';
    let from = '';
    let to: string[] = [];
    let isData = false;
    const say = (line: string) => socket.write(`${line}\r\n`);
    const command = (line: string) => {
      const verb = line.slice(0, 4).toUpperCase();
      if (verb === 'EHLO' || verb === 'HELO') return say('250 simulator');
      if (verb === 'MAIL') {
        this.attempts += 1;
        from = addressIn(line);
        to = [];
        return say('250 ok');
      }
      if (verb === 'RCPT') {
        if (this.state === 'refusing') return say('550 5.1.1 no such mailbox');
        to.push(addressIn(line));
        return say('250 ok');
      }
      if (verb === 'DATA') {
        if (this.state === 'busy') return say('451 4.3.0 try again later');
        isData = true;
        return say('354 go ahead');
      }
      if (verb === 'QUIT') return socket.end('221 bye\r\n');
      return say('250 ok');
    };
    say('220 simulator ESMTP');
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
      for (;;) {
        const end = isData ? '\r\n.\r\n' : '\r\n';
        const index = text.indexOf(end);
        if (index < 0) return;
        const part = text.slice(0, index);
        text = text.slice(index + end.length);
        if (isData) {
          isData = false;
          this.mails.push({ from, to, source: part });
          say('250 queued');
        } else command(part);
      }
    });
  }
}

function addressIn(line: string): string {
  return /<([^>]*)>/.exec(line)?.[1] ?? '';
}
