import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { readPrior, writePrior } from '../../shared/src/routing/prior.ts';
import { predict } from './predict.ts';
import { drawCurves } from './report/draw-curves.ts';
import { printReport } from './report/print-report.ts';
import { routingReport } from './report/routing-report.ts';
import { DataError, readRows } from './rows.ts';
import { measureSpeed } from './speed.ts';
import { train } from './train.ts';

const usage = `Usage
  npm run evals -- routing --data <folder> [--json] [--curves <folder>]
                                                          how well each strategy routes; charts as SVG
  npm run evals -- train --data <folder> [--out <file>]   trains the prior that the router ships with
  npm run evals -- predict --in <file> --out <file>       quality by model for each {id, prompt} of a file of JSON lines
  npm run evals -- speed --data <folder>                  how long a prediction takes`;

const shippedPrior = new URL('../../shared/src/routing/prior.json', import.meta.url);

const log = (line: string) => process.stderr.write(`${line}\n`);

function run(line: readonly string[]): void {
  const { values, positionals } = parseArgs({
    args: [...line],
    allowPositionals: true,
    options: {
      data: { type: 'string' },
      in: { type: 'string' },
      out: { type: 'string' },
      prior: { type: 'string' },
      curves: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const needed = (option: 'data' | 'in' | 'out'): string => {
    const value = values[option];
    if (value === undefined) throw new DataError(`--${option} is missing.\n\n${usage}`);
    return value;
  };
  if (values.help) {
    console.log(usage);
    return;
  }
  switch (positionals[0]) {
    case 'routing': {
      const report = routingReport(readRows(needed('data')), log);
      if (values.curves !== undefined) log(`drawn: ${drawCurves(values.curves, report).join(', ')}`);
      console.log(values.json ? JSON.stringify(report, null, 2) : printReport(report));
      return;
    }
    case 'train': {
      const prior = train(readRows(needed('data')), log);
      writeFileSync(values.out ?? shippedPrior, `${JSON.stringify(writePrior(prior))}\n`);
      return;
    }
    case 'predict': {
      const prior = readPrior(JSON.parse(readFileSync(values.prior ?? shippedPrior, 'utf8')));
      writeFileSync(needed('out'), predict(prior, readFileSync(needed('in'), 'utf8')));
      return;
    }
    case 'speed': {
      const prior = readPrior(JSON.parse(readFileSync(values.prior ?? shippedPrior, 'utf8')));
      const { prompts, models, meanUs, p99Us } = measureSpeed(prior, readRows(needed('data')));
      console.log(
        `${prompts} prompts, ${models} models: ${meanUs.toFixed(1)} us on the mean, ${p99Us.toFixed(0)} us at the 99th percentile`,
      );
      return;
    }
    default:
      throw new DataError(usage);
  }
}

try {
  run(process.argv.slice(2));
} catch (error) {
  if (error instanceof DataError || (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS')) {
    log((error as Error).message);
    process.exitCode = 2;
  } else throw error;
}
