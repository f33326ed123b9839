import { generateKeyPairSync } from 'node:crypto';
import type { BenchOptions, BenchResult, Ratio } from './bench-result.js';
import { Load } from './ingest/load.js';
import type { LoadOrder, LoadReport } from './ingest/load-protocol.js';
import { type Measures, Rounds, shuffled } from './ingest/rounds.js';
import { ZOHO_BODY_BYTES } from './ingest/signed-requests.js';
import { usageOf } from './ingest/subject-process.js';
import { fastApi, type Keys, nestTutorial, stateless, type Subject, tributary } from './ingest/subjects.js';

const FIXED_RATE = 1_000;
const JWT = ', Gong RS256';

interface Plan {
  /** Slices that are not measured: V8 needs some ten thousand requests to compile what matters. */
  readonly warmUps: number;
  readonly rounds: number;
  readonly fixedRounds: number;
  readonly sliceMs: number;
  readonly fixedSliceMs: number;
  readonly connections: number;
  readonly crowd: number;
  readonly prepared: { readonly hmac: number; readonly jwt: number };
}

const FULL: Plan = {
  warmUps: 2,
  rounds: 4,
  fixedRounds: 2,
  sliceMs: 1_500,
  fixedSliceMs: 2_500,
  connections: 100,
  crowd: 1_000,
  prepared: { hmac: 15_000, jwt: 5_000 },
};
const QUICK: Plan = {
  warmUps: 0,
  rounds: 1,
  fixedRounds: 1,
  sliceMs: 100,
  fixedSliceMs: 100,
  // So few that a machine with much else to do refuses none of them.
  connections: 20,
  crowd: 100,
  prepared: { hmac: 1_000, jwt: 150 },
};

/**
 * How fast the front door acknowledges, beside what others do in the same place: the same bodies, one process
 * each, in alternating slices of shuffled order.
 */
export async function run({ isQuick, say }: BenchOptions): Promise<BenchResult> {
  const bench = new IngestBench(isQuick ? QUICK : FULL, say);
  try {
    return await bench.run();
  } finally {
    await bench.stop();
  }
}

class IngestBench {
  private readonly load = Load.start();
  private readonly keyPair = generateKeyPairSync('rsa', { modulusLength: 2048 });
  private readonly secret = 'a-shared-secret-of-the-benchmark-only';
  private readonly subjects: Subject[] = [];
  private readonly notes: string[] = [];

  constructor(
    private readonly plan: Plan,
    private readonly say: (line: string) => void,
  ) {}

  async run(): Promise<BenchResult> {
    await this.startSubjects();
    this.say('warming up');
    for (let round = 0; round < this.plan.warmUps; round += 1) {
      for (const subject of this.subjects) await this.slice(subject, {});
    }
    const saturation = await this.saturation();
    const fixed = await this.fixedRate();
    const crowd = await this.crowd();
    return {
      figures: {
        ...named(saturation.figures(), 'saturation'),
        ...named(fixed.figures(), `${FIXED_RATE}/s`),
        ...named(crowd.figures(), `${this.plan.crowd} connections`),
      },
      ratios: {
        ...this.saturationRatios(saturation),
        ...this.fixedRatios(fixed),
        ...this.crowdRatios(crowd),
      },
      notes: this.notes,
    };
  }

  async stop(): Promise<void> {
    this.load.stop();
    await Promise.all(this.subjects.map((subject) => subject.stop()));
  }

  private async startSubjects(): Promise<void> {
    const publicKey = this.keyPair.publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
    const keys: Keys = { secret: this.secret, publicKey };
    const [python, always, ...others] = await Promise.all([
      fastApi(keys),
      tributary('always', keys),
      stateless('Fastify', 'fastify.server.ts'),
      stateless('Fastify + HMAC', 'fastify.server.ts', this.secret),
      stateless('bare Nest', 'nest-bare.server.ts'),
      nestTutorial(keys),
      tributary('everysec', keys),
    ]);
    this.subjects.push(...others, always);
    this.subjects.push({ ...always, name: always.name + JWT, form: 'jwt', stop: async () => undefined });
    if (python !== undefined) this.subjects.push(python);
    else {
      this.notes.push(
        'FastAPI skipped: install python3-fastapi, python3-uvicorn, python3-redis, python3-uvloop, python3-httptools',
      );
    }
    this.notes.push(
      'Tributary is dist/main.js with ROLE=api, the process that only takes in; it never calls on the warehouse that it names.',
    );
  }

  /** Connections that send as fast as they are answered. */
  private async saturation(): Promise<Rounds> {
    const rounds = new Rounds();
    for (let round = 1; round <= this.plan.rounds; round += 1) {
      this.say(`saturation, round ${round} of ${this.plan.rounds}`);
      for (const subject of shuffled(this.subjects)) {
        const milliseconds = this.plan.sliceMs;
        rounds.add(
          subject.name,
          await this.slice(subject, { milliseconds, connections: this.plan.connections }),
        );
      }
    }
    return rounds;
  }

  private async fixedRate(): Promise<Rounds> {
    const rounds = new Rounds();
    const milliseconds = this.plan.fixedSliceMs;
    const prepared = Math.ceil((FIXED_RATE * milliseconds) / 1000) + 1;
    for (let round = 1; round <= this.plan.fixedRounds; round += 1) {
      this.say(`${FIXED_RATE} events/s, round ${round} of ${this.plan.fixedRounds}`);
      for (const subject of shuffled(this.subjects)) {
        const order = { milliseconds, prepared, rate: FIXED_RATE, connections: 50 };
        rounds.add(subject.name, await this.slice(subject, order));
      }
    }
    return rounds;
  }

  private async crowd(): Promise<Rounds> {
    this.say(`${this.plan.crowd} connections`);
    const rounds = new Rounds();
    for (const subject of this.subjects.filter(({ form }) => form === 'hmac')) {
      const order = { milliseconds: this.plan.sliceMs, connections: this.plan.crowd };
      rounds.add(subject.name, await this.slice(subject, order));
    }
    return rounds;
  }

  private async slice(subject: Subject, order: Partial<LoadOrder>): Promise<Measures> {
    await subject.reset();
    const memoryBefore = await usedMemory(subject);
    const before = subject.process.usage();
    const redisBefore = usageOf(subject.redisPid);
    const report = await this.load.send({
      port: subject.port,
      form: subject.form,
      secret: this.secret,
      privateKey: this.keyPair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      connections: this.plan.connections,
      milliseconds: this.plan.sliceMs,
      rate: 0,
      prepared: this.plan.prepared[subject.form],
      mayRepeat: subject.redis === undefined,
      ...order,
    });
    const after = subject.process.usage();
    if (report.firstFailure !== undefined) {
      this.notes.push(`${subject.name}: ${report.failed} failed, first: ${report.firstFailure}`);
    }
    const redisBytes = ((await usedMemory(subject)) - memoryBefore) / report.answered;
    return measuresOf(report, {
      cpuMs: after.cpuMs - before.cpuMs,
      redisCpuMs: usageOf(subject.redisPid).cpuMs - redisBefore.cpuMs,
      rssMiB: after.rssMiB,
      redisBytes,
    });
  }

  private saturationRatios(rounds: Rounds): Record<string, Ratio> {
    const ratio = (measure: string, left: string, right: string, target?: Ratio['target']) => ({
      value: rounds.compared(measure, left, right, (mine, theirs) => mine / theirs),
      ...(target !== undefined && { target }),
    });
    const bytes = rounds.figures()['Tributary, always']?.['Redis B/event'] ?? NaN;
    const ratios: Record<string, Ratio> = {
      'req/s, Tributary always : FastAPI': ratio('req/s', 'Tributary, always', 'FastAPI, everysec', {
        atLeast: 2.5,
      }),
      'req/s, Tributary always : Nest tutorial': ratio(
        'req/s',
        'Tributary, always',
        'Nest tutorial, everysec',
        { atLeast: 1.6 },
      ),
      'req/s, Tributary always, RS256 : Nest tutorial': ratio(
        'req/s',
        `Tributary, always${JWT}`,
        'Nest tutorial, everysec',
      ),
      'req/s, Tributary always : everysec': ratio('req/s', 'Tributary, always', 'Tributary, everysec'),
      'req/s, Tributary always : Fastify': ratio('req/s', 'Tributary, always', 'Fastify'),
      'CPU/req, Nest tutorial : Tributary always': ratio(
        'CPU us/req',
        'Nest tutorial, everysec',
        'Tributary, always',
      ),
      'RSS, Tributary always : bare Nest': ratio('RSS MiB', 'Tributary, always', 'bare Nest', {
        atMost: 1.5,
      }),
      'Redis bytes per event : (1.3 x body + 1.5 KB)': {
        value: bytes / (1.3 * ZOHO_BODY_BYTES + 1.5 * 1024),
        target: { atMost: 1 },
      },
    };
    return withoutMissing(ratios);
  }

  private fixedRatios(rounds: Rounds): Record<string, Ratio> {
    const difference = (mine: number, theirs: number) => mine - theirs;
    return withoutMissing({
      [`p95 ms at ${FIXED_RATE}/s, Tributary always - Fastify`]: {
        value: rounds.compared('p95 ms', 'Tributary, always', 'Fastify', difference),
        target: { atMost: 10 },
      },
      [`p99 ms at ${FIXED_RATE}/s, Tributary always : Nest tutorial`]: {
        value: rounds.compared(
          'p99 ms',
          'Tributary, always',
          'Nest tutorial, everysec',
          (mine, theirs) => mine / theirs,
        ),
        target: { atMost: 1 },
      },
    });
  }

  private crowdRatios(rounds: Rounds): Record<string, Ratio> {
    const failed = rounds.figures()['Tributary, always']?.failed ?? NaN;
    return {
      [`failed at ${this.plan.crowd} connections, Tributary always`]: {
        value: failed,
        target: { atMost: 0 },
      },
    };
  }
}

function measuresOf(
  report: LoadReport,
  used: { cpuMs: number; redisCpuMs: number; rssMiB: number; redisBytes: number },
): Measures {
  return {
    'req/s': (report.answered * 1000) / report.elapsedMs,
    'p50 ms': report.p50,
    'p95 ms': report.p95,
    'p99 ms': report.p99,
    'CPU us/req': (used.cpuMs * 1000) / report.answered,
    'Redis us/req': (used.redisCpuMs * 1000) / report.answered,
    'RSS MiB': used.rssMiB,
    'Redis B/event': used.redisBytes,
    failed: report.failed,
  };
}

async function usedMemory({ redis }: Subject): Promise<number> {
  const used = /used_memory:(\d+)/.exec((await redis?.info('memory')) ?? '')?.[1];
  return Number(used);
}

function named(figures: BenchResult['figures'], prefix: string): BenchResult['figures'] {
  return Object.fromEntries(
    Object.entries(figures).map(([subject, measures]) => [`${prefix}: ${subject}`, measures]),
  );
}

/** Of what was skipped there is nothing to say. */
function withoutMissing(ratios: Record<string, Ratio>): Record<string, Ratio> {
  return Object.fromEntries(Object.entries(ratios).filter(([, { value }]) => !Number.isNaN(value)));
}
