import { noBranding } from '../../../shared/src/branding.ts';
import { SluiceError } from '../core/sluice-error.ts';
import type { FirstRun } from '../identity/login/first-run.ts';
import { createMetrics } from '../observe/metrics.ts';
import { anthropicMessagesInbound } from '../wire/anthropic-messages/index.ts';
import { geminiInbound } from '../wire/gemini/index.ts';
import { openaiChatInbound } from '../wire/openai-chat/index.ts';
import { openaiResponsesInbound } from '../wire/openai-responses/index.ts';
import { createHttpApp, type HttpDeps } from './app.ts';

/** Whatever is called on it throws: for what a test's requests never come to. */
function unreachable<T extends object>(name: string): T {
  return new Proxy({} as T, {
    get: (_, member) => () => {
      throw new Error(`${name}.${String(member)} was not expected to be called.`);
    },
  });
}

/** Every route there is, behind a door that no key opens. */
export function lockedApp() {
  let made = 0;
  const newId = (prefix: string) => `${prefix}${++made}`;
  const keyring = {
    identify(): never {
      throw new SluiceError('missing_key', 'No key was sent.');
    },
  };
  const gateway: HttpDeps['gateway'] = {
    ...unreachable<HttpDeps['gateway']>('gateway'),
    identify: keyring.identify,
    newId,
    wires: {
      'openai-chat': openaiChatInbound,
      'openai-responses': openaiResponsesInbound,
      'anthropic-messages': anthropicMessagesInbound,
      gemini: geminiInbound,
    },
    onBegin() {},
    onEnd() {},
  };
  return createHttpApp({
    gateway,
    access: { onFault() {}, identify: keyring.identify, newId },
    keys: unreachable('keys'),
    limits: unreachable('limits'),
    routing: unreachable('routing groups'),
    guardrails: unreachable('guardrails'),
    cache: unreachable('cache'),
    tenancy: {
      organisations: unreachable('organisations'),
      teams: unreachable('teams'),
      members: unreachable('members'),
      roles: unreachable('roles'),
      invitations: unreachable('invitations'),
    },
    login: {
      issuers: () => [],
      handle: unreachable('login'),
      firstRun: {
        ...unreachable<FirstRun>('setup'),
        isOpen: async () => false,
        async complete(): Promise<never> {
          throw new SluiceError('invalid_key', 'This is not the setup token.');
        },
      },
      sessions: unreachable('sessions'),
      sessionService: unreachable('session service'),
    },
    money: {
      plans: unreachable('plans'),
      budgets: unreachable('budgets'),
      estimate: unreachable('estimate'),
      complexity: unreachable('complexity'),
      projected: unreachable('projected'),
      export: unreachable('export'),
    },
    secrets: {
      audit: unreachable('audit'),
      providerKeys: unreachable('providerKeys'),
      keeping: unreachable('keeping'),
    },
    usage: unreachable('usage'),
    chatting: {
      chat: unreachable('chat'),
      conversations: {
        ...unreachable<HttpDeps['chatting']['conversations']>('conversations'),
        shared: async () => ({ title: '', createdAt: new Date(0), messages: [] }),
      },
      folders: unreachable('folders'),
      files: unreachable('files'),
      prompts: unreachable('prompts'),
      personal: unreachable('personal'),
    },
    live: unreachable('live metrics'),
    gatewaySettings: {
      inForce: unreachable('settings'),
      providers: unreachable('providers'),
      models: unreachable('models'),
      branding: { get: async () => noBranding, put: unreachable('branding') },
    },
    providers: unreachable('providers'),
    metrics: createMetrics({ coolingCredentials: () => 0, openCircuits: () => 0 }),
    metricsText: async () => '',
    metricsNeedKey: false,
    exampleModel: () => 'auto',
    isReady: async () => true,
  });
}
