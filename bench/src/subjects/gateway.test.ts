import { expect, test } from 'bun:test';
import { gatewayConfig, gatewayModels, guardrailRules } from './gateway.ts';

interface Config {
  providers: Record<string, { kind: string; baseUrl: string }>;
  models: { id: string; provider: string; price: { input: number } }[];
}

test('the configuration is YAML whose models name its providers, both of them the mock, at a price', () => {
  const config = Bun.YAML.parse(gatewayConfig('http://127.0.0.1:9')) as Config;
  expect(config.models.map((model) => model.id)).toEqual([gatewayModels.openai, gatewayModels.anthropic]);
  for (const model of config.models) {
    expect(config.providers[model.provider]?.baseUrl).toStartWith('http://127.0.0.1:9');
    expect(model.price.input).toBeGreaterThan(0);
  }
});

test('the guardrails are YAML rules, some of which look at answers too', () => {
  const { guardrails } = Bun.YAML.parse(guardrailRules) as { guardrails: { rules: { name: string; on?: string }[] } };
  expect(guardrails.rules.map((rule) => rule.name)).toEqual(['pii', 'secrets', 'injection', 'words', 'pictures']);
  expect(guardrails.rules.some((rule) => rule.on === 'both')).toBe(true);
});
