import { SluiceError } from '../../core/sluice-error.ts';
import type { Tickets } from '../../realtime/tickets.ts';
import type { SocketHandler } from '../socket.ts';
import type { PlatformAccess } from './access.ts';
import { livePath, readAsker, requireLive, type StandIns } from './live-asker.ts';
import type { LiveSockets } from './live-sockets.ts';
import { answerFault } from './route.ts';

export interface LiveUpgradeDeps {
  access: PlatformAccess;
  tickets: Pick<Tickets, 'take'>;
  sockets: Pick<LiveSockets, 'handlerFor'>;
  standIns: Pick<StandIns, 'make'>;
  /** The origin that people log in at by this request; undefined when nobody may there. */
  originOf(request: Request): string | undefined;
  addressOf(request: Request): string | undefined;
}

/**
 * Answers requests that want a WebSocket: at `/api/v1/metrics/live` with whoever shows the figures, or with problem details
 * (401 for a ticket that is unknown, used or expired, 403 for another site's page); elsewhere with undefined.
 */
export function createLiveUpgrade({ access, tickets, sockets, standIns, originOf, addressOf }: LiveUpgradeDeps) {
  return async function upgrade(request: Request): Promise<Response | SocketHandler | undefined> {
    const url = URL.parse(request.url);
    if (url?.pathname !== livePath) return undefined;
    try {
      // Browsers let any page open a socket to us, and name it here. Programs name nothing.
      const from = request.headers.get('origin');
      if (from !== null && from !== originOf(request))
        throw new SluiceError('forbidden', `Pages of ${JSON.stringify(from)} may not open a socket here.`);
      const asker = readAsker(await tickets.take(url.searchParams.get('ticket') ?? ''));
      if (!asker)
        throw new SluiceError(
          'invalid_key',
          'This ticket is missing, unknown, used or expired. Ask for a new one with POST /api/v1/metrics/tickets.',
        );
      const standIn = standIns.make(asker, addressOf(request));
      requireLive(await access.identify(standIn), asker.shown);
      return sockets.handlerFor({ standIn, shown: asker.shown });
    } catch (thrown) {
      return answerFault(thrown, access, access.newId('req_'));
    }
  };
}
