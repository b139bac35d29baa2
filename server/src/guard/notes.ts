import type { GuardNote } from '../core/guard-note.ts';
import type { GuardRule } from './compile.ts';

const words: Record<string, [one: string, many: string]> = {
  EMAIL: ['an e-mail address', 'e-mail addresses'],
  PHONE: ['a phone number', 'phone numbers'],
  CARD: ['a payment card number', 'payment card numbers'],
  IBAN: ['a bank account number (IBAN)', 'bank account numbers (IBAN)'],
  SSN: ['a US Social Security number', 'US Social Security numbers'],
  NATIONAL_ID: ['a national identity number', 'national identity numbers'],
  IP: ['an IP address', 'IP addresses'],
  SECRET: ['a key or secret', 'keys or secrets'],
  KEYWORD: ['a listed word', 'listed words'],
  MATCH: ['a match of its pattern', 'matches of its patterns'],
  IMAGE: ['a picture whose address carries data', 'pictures whose addresses carry data'],
};

/** What was found, in words that never hold the thing itself: `2 e-mail addresses, a payment card number`. */
export function describeFound(found: Readonly<Record<string, number>>): string {
  return Object.entries(found)
    .map(([label, count]) => {
      const [one, many] = words[label] ?? [label, label];
      return count === 1 ? one : `${count} ${many}`;
    })
    .join(', ');
}

/** Gathers what rules found, one note a rule and side. */
export function createNotes(on: GuardNote['on']) {
  const notes = new Map<string, GuardNote>();
  return {
    add({ name, action }: Pick<GuardRule, 'name' | 'action'>, label: string, count = 1): GuardNote {
      let note = notes.get(name);
      if (!note) {
        note = { rule: name, action, on, found: {} };
        notes.set(name, note);
      }
      note.found[label] = (note.found[label] ?? 0) + count;
      return note;
    },
    all: (): GuardNote[] => [...notes.values()],
  };
}
