import { asObject } from '../../../core/json.ts';
import type { SandboxTool } from '../read-tools.ts';
import { distinctiveStems, nameWords, stem } from '../words.ts';

// Words that half of all tools have in their names: they show no subject, only break ties.
const verbs = new Set(
  'get set list search find fetch read write update create make add run execute lookup query send check show delete remove calculate current data info information tool function api new'
    .split(' ')
    .map(stem),
);

interface Rated {
  tool: SandboxTool;
  /** Words of the tool's own name that the request has too, without the common verbs. */
  subjects: Set<string>;
  score: number;
}

/**
 * The tools that a request plainly asks for, best first. A tool named in full wins over all guesses. Otherwise a tool counts
 * when the request shares a distinctive word with its name, or several with its description and parameters; a second tool
 * counts only for a word that no better one explains.
 */
export function matchTools(tools: readonly SandboxTool[], request: string): SandboxTool[] {
  if (tools.length === 0 || request.trim() === '' || forbidsTools(request)) return [];
  const lower = request.toLowerCase();
  const named = tools.filter((tool) => isNamed(tool.name, lower));
  if (named.length > 0) return named;
  const stems = distinctiveStems(request);
  const rated = tools
    .map((tool) => rate(tool, stems))
    .filter(({ subjects, score }) => subjects.size > 0 || score >= 5)
    .sort((one, other) => other.score - one.score);
  const explained = new Set<string>();
  const matched: SandboxTool[] = [];
  for (const { tool, subjects } of rated) {
    const fresh = [...subjects].some((word) => !explained.has(word));
    if (matched.length > 0 && !fresh) continue;
    matched.push(tool);
    for (const word of subjects) explained.add(word);
  }
  return matched;
}

const forbidsTools = (request: string): boolean =>
  /\b(?:do not|don'?t|never|without) (?:use|using|call|calling)?\s*(?:any|the|a)?\s*(?:tool|function)/i.test(request);

function isNamed(name: string, lowerRequest: string): boolean {
  const lower = name.toLowerCase();
  if (/[_.:-]|\d/.test(lower) || lower.length > 5) if (lowerRequest.includes(lower)) return true;
  const spaced = nameWords(name).join(' ');
  if (spaced.includes(' ') && lowerRequest.includes(spaced)) return true;
  return new RegExp(String.raw`\b${spaced.replace(/[^\p{L}\p{N} ]/gu, '')} (?:tool|function)\b`, 'u').test(
    lowerRequest,
  );
}

function rate(tool: SandboxTool, stems: ReadonlySet<string>): Rated {
  const subjects = new Set<string>();
  let score = 0;
  for (const word of nameWords(tool.name).map(stem)) {
    if (!stems.has(word)) continue;
    if (verbs.has(word)) score += 1;
    else if (word.length > 2) {
      subjects.add(word);
      score += 4;
    }
  }
  for (const word of distinctiveStems(tool.description)) if (stems.has(word)) score += verbs.has(word) ? 0.5 : 2;
  for (const name of Object.keys(asObject(tool.parameters.properties) ?? {}))
    for (const word of nameWords(name)) if (stems.has(stem(word))) score += 1;
  return { tool, subjects, score };
}
