import 'reflect-metadata';
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Controller, Delete, Get } from '@nestjs/common';
import { AccessGuard } from '../../src/access/access.guard';
import { AdminOnly } from '../../src/access/admin-only.decorator';
import { ReaderOnly } from '../../src/access/reader-only.decorator';
import { PUBLIC_ROUTE, PublicRoute } from '../../src/contracts/public-route';

type Class = new (...args: never[]) => object;

/** Metadata keys of Nest (packages/common/constants); checked below to be the ones in force. */
const GUARDS = '__guards__';
const PATH = 'path';

const SRC = resolve(__dirname, '../../src');

function controllersOfTheHouse(): Class[] {
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.controller.ts'),
  );
  return files.flatMap((file) => {
    const exported = Object.values(require(join(SRC, file)) as Record<string, unknown>);
    return exported.filter(
      (value): value is Class => typeof value === 'function' && Reflect.hasMetadata(PATH, value),
    );
  });
}

/** Routes that neither have a guard nor say why they need none. */
function unguardedRoutes(controllers: readonly Class[]): string[] {
  return controllers.flatMap((controller) => {
    const prototype = controller.prototype as Record<string, object>;
    const routes = Object.getOwnPropertyNames(prototype).filter((name) => {
      if (name === 'constructor') return false;
      return typeof prototype[name] === 'function' && Reflect.hasMetadata(PATH, prototype[name]);
    });
    const isCovered = (target: object) =>
      Reflect.hasMetadata(GUARDS, target) || Reflect.hasMetadata(PUBLIC_ROUTE, target);
    return routes
      .filter(
        (name) => ![prototype[name], controller].some((target) => target !== undefined && isCovered(target)),
      )
      .map((name) => `${controller.name}.${name}`);
  });
}

@Controller('admin')
class ForgottenController {
  @Delete('everything')
  wipe(): void {}

  @Get('open')
  @PublicRoute('for this test')
  open(): void {}
}

@Controller('admin')
@AdminOnly()
class DeskController {
  @Get('one')
  one(): void {}
}

class MixedController {
  @Get('two')
  @ReaderOnly()
  two(): void {}

  @Get('three')
  three(): void {}
}

describe('the routes of the house', () => {
  it('are each signed, admin or public with a reason', () => {
    expect(unguardedRoutes(controllersOfTheHouse())).toEqual([]);
  });

  it('are all found: the webhook, the probes and the metrics', () => {
    expect(
      controllersOfTheHouse()
        .map(({ name }) => name)
        .sort(),
    ).toEqual(expect.arrayContaining(['GongWebhooksController', 'HealthController', 'MetricsController']));
  });

  it('would be reported when one is forgotten', () => {
    expect(unguardedRoutes([ForgottenController])).toEqual(['ForgottenController.wipe']);
  });

  it('are guarded by a token, as a controller or one by one', () => {
    expect(unguardedRoutes([DeskController, MixedController])).toEqual(['MixedController.three']);
    expect(Reflect.getMetadata(GUARDS, DeskController)).toEqual([AccessGuard]);
    expect(Reflect.getMetadata(GUARDS, MixedController.prototype.two)).toEqual([AccessGuard]);
  });

  it('carry their guards under the key that is looked at', () => {
    const gong = controllersOfTheHouse().find(({ name }) => name === 'GongWebhooksController');
    expect(gong !== undefined && Reflect.hasMetadata(GUARDS, gong)).toBe(true);
  });
});
