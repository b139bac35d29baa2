import { expect, test } from 'bun:test';
import { featuresOf } from './features.ts';
import { taskTypeOf } from './task-type.ts';

test.each([
  ['Write a Python function that returns the output of a program', 'code'],
  ['Solve the equation and compute the integer', 'mathematics'],
  ['The plaintiff sued; which court has jurisdiction over the defendant?', 'law'],
  ['The patient has a disease; which treatment and drug?', 'medicine'],
  ['Write an essay and a poem', 'writing'],
  ['Hello there', 'general'],
  ['', 'general'],
] as const)('%s is %s', (prompt, kind) => {
  expect(taskTypeOf(featuresOf(prompt))).toBe(kind);
});
