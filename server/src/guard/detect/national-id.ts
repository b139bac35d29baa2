import { type Span, type SpanDetector, withoutOverlaps } from '../span.ts';
import { passesLuhn } from './luhn.ts';
import { type Atom, type Form, formOf, openForm } from './open-run.ts';

interface IdForm extends Form {
  label: string;
  isValid(found: string): boolean;
}

const digits = (count: number): Atom => [`\\d{${count}}`, `\\d{0,${count}}`];
// A group of digits beside it makes it part of a longer number.
const around = { before: '(?:[A-Za-z0-9_.\\-+]|[0-9] )', after: '(?:[A-Za-z0-9_]|[-.][0-9])', awaited: '[-.]' };
const id = (label: string, atoms: readonly Atom[], isValid: (found: string) => boolean): IdForm => ({
  label,
  isValid,
  ...formOf(atoms, around),
});
const onlyDigits = (text: string): string => text.replace(/\D/g, '');

/** Numbers of persons that have a strict form or a check of their own; what is nine bare digits somewhere is none of them. */
const forms: IdForm[] = [
  // US Social Security: no area 000, 666 or 9xx, no group 00, no serial 0000; not the two that advertisements made known.
  id('SSN', [digits(3), '-', digits(2), '-', digits(4)], (found) => {
    return !/^(?:000|666|9)|-00-|-0000$/.test(found) && found !== '078-05-1120' && found !== '219-09-9999';
  }),
  // UK National Insurance (HMRC manual NIM39110).
  id(
    'NATIONAL_ID',
    ['[A-CEGHJ-PR-TW-Z]', '[A-CEGHJ-NPR-TW-Z]', ' ?', digits(2), ' ?', digits(2), ' ?', digits(2), ' ?', '[A-D]'],
    (found) => !/^(?:BG|GB|KN|NK|NT|TN|ZZ)/.test(found),
  ),
  // Canada: nine digits with the Luhn check, as they are printed.
  id('NATIONAL_ID', ['[1-79]', digits(2), '[ -]', digits(3), '[ -]', digits(3)], (found) => {
    return found[3] === found[7] && passesLuhn(onlyDigits(found));
  }),
  // Spain, DNI and NIE: the letter is the number modulo 23.
  id('NATIONAL_ID', ['[XYZ0-9]', digits(7), '-?', '[A-HJ-NP-TV-Z]'], (found) => {
    const number = found
      .replace('-', '')
      .slice(0, 8)
      .replace(/^[XYZ]/, (letter) => String('XYZ'.indexOf(letter)));
    return 'TRWAGMYFPDXBNJZSQVHLCKE'[Number(number) % 23] === found.at(-1);
  }),
  // Italy, codice fiscale: the last letter is computed from the fifteen before it.
  id(
    'NATIONAL_ID',
    [
      ['[A-Z]{6}', '[A-Z]{0,6}'],
      ['[0-9LMNP-V]{2}', '[0-9LMNP-V]{0,2}'],
      '[ABCDEHLMPRST]',
      ['[0-9LMNP-V]{2}', '[0-9LMNP-V]{0,2}'],
      '[A-Z]',
      ['[0-9LMNP-V]{3}', '[0-9LMNP-V]{0,3}'],
      '[A-Z]',
    ],
    isCodiceFiscale,
  ),
  // Brazil, CPF, as it is printed.
  id('NATIONAL_ID', [digits(3), '\\.', digits(3), '\\.', digits(3), '-', digits(2)], isCpf),
  // France, NIR: sex, year, month, department, commune, order, and a key of two digits (97 minus the rest).
  id(
    'NATIONAL_ID',
    [
      '[12]',
      ' ?',
      digits(2),
      ' ?',
      ['(?:0[1-9]|1[0-2]|[2-9]\\d)', '\\d{0,2}'],
      ' ?',
      ['(?:\\d{2}|2[AB])', '(?:\\d{0,2}|2[AB])'],
      ' ?',
      digits(3),
      ' ?',
      digits(3),
      ' ?',
      digits(2),
    ],
    isNir,
  ),
  // India, Aadhaar, in its three groups, with the check of Verhoeff.
  id('NATIONAL_ID', ['[2-9]', digits(3), ' ', digits(4), ' ', digits(4)], (found) => passesVerhoeff(onlyDigits(found))),
];

/** The US Social Security number, and the numbers of persons elsewhere that a checksum or a strict form gives away. */
export const nationalIdDetector: SpanDetector = {
  find(text, from = 0) {
    if (!/\d\d/.test(text)) return [];
    const spans: Span[] = [];
    for (const { full, label, isValid } of forms) {
      for (const { index, 0: found } of text.matchAll(full)) {
        const end = index + found.length;
        if (end > from && isValid(found)) spans.push({ start: index, end, label });
      }
    }
    return withoutOverlaps(spans);
  },
  openFrom: (text) => forms.reduce((open, form) => Math.min(open, openForm(text, form, 32)), text.length),
};

function isCodiceFiscale(found: string): boolean {
  const odd = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
  let sum = 0;
  for (let index = 0; index < 15; index++) {
    const code = found.charCodeAt(index);
    const value = code < 65 ? code - 48 : code - 65;
    sum += index % 2 === 0 ? odd[value]! : value;
  }
  return String.fromCharCode(65 + (sum % 26)) === found[15];
}

function isCpf(found: string): boolean {
  const number = onlyDigits(found);
  if (/^(\d)\1+$/.test(number)) return false;
  return [9, 10].every((count) => {
    let sum = 0;
    for (let index = 0; index < count; index++) sum += Number(number[index]) * (count + 1 - index);
    return ((sum * 10) % 11) % 10 === Number(number[count]);
  });
}

function isNir(found: string): boolean {
  const number = found.replaceAll(' ', '').replace('2A', '19').replace('2B', '18');
  return 97 - (Number(number.slice(0, 13)) % 97) === Number(number.slice(13));
}

// The dihedral group D5, its permutation, as J. Verhoeff gave them (1969).
const product = [
  '0123456789',
  '1234067895',
  '2340178956',
  '3401289567',
  '4012395678',
  '5987604321',
  '6598710432',
  '7659821043',
  '8765932104',
  '9876543210',
];
const turns = [
  '0123456789',
  '1576283094',
  '5803796142',
  '8916043527',
  '9453126870',
  '4286573901',
  '2793806415',
  '7046913258',
];

function passesVerhoeff(number: string): boolean {
  let check = 0;
  for (let index = 0; index < number.length; index++) {
    const digit = Number(number[number.length - 1 - index]);
    check = Number(product[check]![Number(turns[index % 8]![digit])]);
  }
  return check === 0;
}
