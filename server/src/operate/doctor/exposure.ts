import ipaddr from 'ipaddr.js';
import type { ConfigFile } from '../../config/schema.ts';
import { isLoopback, type Settings } from '../../config/settings.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

const shortestKey = 20;

/** What lets strangers in, or secrets out. */
export function checkExposure(settings: Settings, config: ConfigFile | undefined): Finding[] {
  const found = [
    ...checkListening(settings, config),
    ...checkServices(settings),
    ...(config ? checkConfig(config) : []),
  ];
  return found.length > 0
    ? found
    : [ok('exposure', 'Only this machine can reach it, and nothing opens a private network.')];
}

function checkListening({ host, adminKey }: Settings, config: ConfigFile | undefined): Finding[] {
  const found: Finding[] = [];
  if (adminKey !== undefined && adminKey.length < shortestKey)
    found.push(
      fail(
        'admin key',
        `SLUICE_ADMIN_KEY has ${adminKey.length} characters and can be guessed.`,
        'Set it to the output of openssl rand -base64 32.',
      ),
    );
  if (isLoopback(host)) return found;
  found.push(
    warn(
      'listening',
      `Others can reach ${host}, and what travels there is not encrypted.`,
      'Put a TLS proxy in front, and let nothing but the proxy reach this port.',
    ),
  );
  if (adminKey !== undefined)
    found.push(
      warn(
        'admin key',
        'SLUICE_ADMIN_KEY is in the environment of a server that others can reach.',
        'Make keys for people with `sluice keys create`, and keep this one for emergencies.',
      ),
    );
  if (!config) return found;
  if (config.trustedProxies.length === 0)
    found.push(
      warn(
        'trusted proxies',
        'No proxy is trusted: behind one, every caller has the address of the proxy.',
        'Name its address in `trustedProxies`.',
      ),
    );
  if (config.auth.url === undefined || config.auth.url.startsWith('http:'))
    found.push(
      warn(
        'address',
        `\`auth.url\` is ${config.auth.url ?? 'not set'}: links and passkeys need the https address that people open.`,
        'Set `auth.url`.',
      ),
    );
  if (!config.auth.smtp)
    found.push(
      warn(
        'mail',
        'No mail can be sent: invitations and new passwords must be handed over by hand.',
        'Set `auth.smtp`.',
      ),
    );
  if (config.auth.signUp === 'open')
    found.push(warn('sign-up', 'Anybody who can reach it may make an account.', 'Set `auth.signUp: invitation`.'));
  return found;
}

/** The services that secrets travel to. */
function checkServices({ databaseUrl, redisUrl }: Settings): Finding[] {
  const found: Finding[] = [];
  const database = databaseUrl === undefined ? null : URL.parse(databaseUrl);
  if (
    database &&
    isElsewhere(database.hostname) &&
    !/sslmode=(require|verify)|ssl=(true|require)/.test(database.search)
  )
    found.push(
      warn(
        'postgresql',
        'The way to PostgreSQL on another machine is not encrypted.',
        'Add ?sslmode=verify-full to DATABASE_URL, unless the network is yours alone.',
      ),
    );
  const redis = redisUrl === undefined ? null : URL.parse(redisUrl);
  if (redis?.protocol === 'redis:' && isElsewhere(redis.hostname))
    found.push(
      warn(
        'redis',
        'The way to Redis on another machine is not encrypted.',
        'Use rediss://, unless the network is yours alone.',
      ),
    );
  return found;
}

function checkConfig({ providers, egress, logging, guardrails }: ConfigFile): Finding[] {
  const found: Finding[] = [];
  for (const [id, { baseUrl }] of Object.entries(providers)) {
    const url = baseUrl === undefined ? null : URL.parse(baseUrl);
    if (url?.protocol === 'http:' && !isPrivateHost(url.hostname))
      found.push(
        warn(
          `provider ${id}`,
          `Its keys and prompts go to ${url.host} without encryption.`,
          'Use https in its `baseUrl`.',
        ),
      );
  }
  for (const [name, { url }] of Object.entries(guardrails.moderation)) {
    const { protocol, hostname, host } = new URL(url);
    if (protocol === 'http:' && !isPrivateHost(hostname))
      found.push(warn(`moderation ${name}`, `Texts go to ${host} without encryption.`, 'Use https.'));
  }
  for (const entry of egress.allow) found.push(...checkAllowed(entry));
  if (logging.prompts)
    found.push(
      warn('logging', 'Prompts are written to the log.', 'Set `logging.prompts: false` when you are done with it.'),
    );
  return found;
}

/** Where clouds tell a machine its own credentials. */
const metadata = ['169.254.169.254', 'fd00:ec2::254'];

/** An address that callers may have fetched although it is not public. */
function checkAllowed(entry: string): Finding[] {
  const check = 'egress';
  if (metadata.some((address) => covers(entry, address)))
    return [
      fail(
        check,
        `\`egress.allow\` has ${entry}: callers can have the cloud's metadata service fetched, and read this machine's credentials.`,
        'Take it out, or name the one address that you mean.',
      ),
    ];
  const [, base = '', bits] = /^([\da-f.:]+)\/(\d+)$/i.exec(entry) ?? [];
  if (bits !== undefined)
    return [
      warn(
        check,
        `\`egress.allow\` has ${entry}: callers can have anything in ${base}/${bits} fetched.`,
        'Name the hosts and ports that you mean.',
      ),
    ];
  return [
    warn(
      check,
      `\`egress.allow\` has ${entry}: callers can have it fetched even if it is private.`,
      'Leave it only if that is meant.',
    ),
  ];
}

function covers(entry: string, address: string): boolean {
  const ip = ipaddr.parse(address);
  try {
    if (entry.includes('/')) {
      const [base, bits] = ipaddr.parseCIDR(entry);
      return base.kind() === ip.kind() && ip.match([base, bits] as never);
    }
    const host = entry.replace(/^\[?([^\]]*?)\]?(?::\d+)?$/, '$1');
    return ipaddr.isValid(host) && ipaddr.parse(host).toNormalizedString() === ip.toNormalizedString();
  } catch {
    return false;
  }
}

const isElsewhere = (hostname: string): boolean => hostname !== '' && !isLoopback(hostname.replace(/^\[|\]$/g, ''));

/** This machine, or one in a network of one's own: there, no encryption is a choice. */
function isPrivateHost(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '');
  if (isLoopback(host) || !host.includes('.')) return true;
  if (!ipaddr.isValid(host)) return /\.(lan|local|internal|localhost|test)$/.test(host);
  return ipaddr.parse(host).range() !== 'unicast';
}
