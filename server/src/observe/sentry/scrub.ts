import { emailDetector } from '../../guard/detect/email.ts';
import { createSecretDetector } from '../../guard/detect/secrets.ts';
import { withoutOverlaps } from '../../guard/span.ts';

const secrets = createSecretDetector({ entropy: true });
const longest = 1000;
/** What is quoted is somebody's text: a prompt, a body, a value. Short names stay. */
const quoted = /(["'`])(?:(?!\1)[^\\]|\\.){33,}\1/gs;
/** Queries of addresses hold keys (`?key=`). */
const query = /(https?:\/\/[^\s?#"'<>]*)[?#][^\s"'<>]*/g;
const leastSecret = 6;

/** A message of an error without what may be somebody's: known secrets, what looks like one, quoted texts, values of SQL, addresses. */
export function scrub(message: string, known: Iterable<string>): string {
  // The database's driver tells the values of a failed query after it.
  let text = message.replace(/\n?params:[\s\S]*$/, '').slice(0, 20_000);
  for (const secret of known) if (secret.length >= leastSecret) text = text.replaceAll(secret, '[hidden]');
  text = text.replace(quoted, '$1…$1').replace(query, '$1?…');
  const spans = withoutOverlaps([...secrets.find(text), ...emailDetector.find(text)]);
  for (const { start, end } of [...spans].sort((one, other) => other.start - one.start))
    text = `${text.slice(0, start)}[hidden]${text.slice(end)}`;
  return text.slice(0, longest);
}
