import { defineCommand } from '../../command.ts';
import { exportTasks } from './export.ts';
import { taskFields } from './to-task.ts';

const fields = defineCommand({
  name: 'fields',
  summary: 'What Taskwarrior must be told of the fields, as lines for its .taskrc',
  examples: ['sluice tasks fields >> ~/.taskrc'],
  async run({ output }) {
    output.print(taskFields, () =>
      Object.entries(taskFields)
        .map(([name, { type, label }]) => `uda.${name}.type=${type}\nuda.${name}.label=${label}`)
        .join('\n'),
    );
  },
});

export const tasks = defineCommand({
  name: 'tasks',
  summary: 'Calls as tasks of Taskwarrior',
  subcommands: [exportTasks, fields],
});
