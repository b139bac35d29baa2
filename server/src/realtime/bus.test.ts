import { expect, test } from 'bun:test';
import { type Carrier, type Change, createBus } from './bus.ts';

/** A carrier between buses of one process. */
function createPost() {
  const handlers = new Set<(message: string) => void>();
  const resumes = new Set<() => void>();
  const carrier: Carrier = {
    async publish(_channel, message) {
      for (const handler of handlers) handler(message);
    },
    subscribe(_channel, handler) {
      handlers.add(handler);
      return () => handlers.delete(handler);
    },
    onResume(handler) {
      resumes.add(handler);
      return () => resumes.delete(handler);
    },
  };
  return {
    carrier,
    handlers,
    resume: () => {
      for (const handler of resumes) handler();
    },
  };
}

test('a change is told here at once and on the other replica, once each, to those whom it concerns', () => {
  const { carrier } = createPost();
  const [here, there] = [createBus({ self: 'here', carrier }), createBus({ self: 'there', carrier })];
  const heard: string[] = [];
  here.subscribe(['limit'], ({ action }) => heard.push(`here ${action}`));
  there.subscribe(['limit', 'budget'], ({ action, organisationId }) => heard.push(`there ${action} ${organisationId}`));
  there.subscribe(['key'], () => heard.push('nobody'));
  here.publish({ action: 'limit.update', organisationId: 'org_1' });
  expect(heard).toEqual(['here limit.update', 'there limit.update org_1']);
});

test('alone, it tells those in this process', () => {
  const bus = createBus({ self: 'one' });
  const heard: Change[] = [];
  const stop = bus.subscribe(['limit'], (change) => heard.push(change));
  bus.publish({ action: 'limit.create' });
  stop();
  bus.publish({ action: 'limit.create' });
  expect(heard).toEqual([{ action: 'limit.create' }]);
});

test('after a break everybody is told that anything may have changed', () => {
  const { carrier, resume } = createPost();
  const bus = createBus({ self: 'one', carrier });
  const heard: string[] = [];
  for (const noun of ['limit', 'budget']) bus.subscribe([noun], ({ action }) => heard.push(`${noun} ${action}`));
  resume();
  expect(heard).toEqual(['limit ', 'budget ']);
});

test('a message that another version wrote, or that is no message, is passed over', () => {
  const { carrier, handlers } = createPost();
  const bus = createBus({ self: 'one', carrier });
  const heard: Change[] = [];
  bus.subscribe(['limit'], (change) => heard.push(change));
  for (const message of ['', 'null', '{}', '{"from":"two"}', '{"from":"two","change":{}}', '[1]'])
    for (const handler of handlers) handler(message);
  expect(heard).toEqual([]);
  bus.close();
  expect(handlers.size).toBe(0);
});
