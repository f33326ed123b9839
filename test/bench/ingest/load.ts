import { type ChildProcess, fork } from 'node:child_process';
import { join, resolve } from 'node:path';
import type { LoadOrder, LoadReport } from './load-protocol.js';

const ROOT = resolve(__dirname, '../../..');

/** The load generator in a process of its own. */
export class Load {
  private constructor(private readonly child: ChildProcess) {}

  static start(): Load {
    const execArgv = ['--expose-gc', '-r', join(ROOT, 'config/tooling/register-ts.cjs')];
    return new Load(fork(join(__dirname, 'load-generator.ts'), { execArgv, stdio: 'inherit' }));
  }

  /** Has one slice of load sent. */
  send(order: LoadOrder): Promise<LoadReport> {
    const { child } = this;
    return new Promise((done, failed) => {
      const onExit = () => failed(new Error('the load generator ended'));
      child.once('exit', onExit);
      child.once('message', (report) => {
        child.off('exit', onExit);
        done(report as LoadReport);
      });
      child.send(order);
    });
  }

  stop(): void {
    this.child.kill();
  }
}
