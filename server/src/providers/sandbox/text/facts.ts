import { capitalise } from '../words.ts';
import { type Ask, type Reply, say } from './ask.ts';

const capitals = new Map(
  `argentina:Buenos Aires|australia:Canberra|austria:Vienna|belgium:Brussels|brazil:Brasília|canada:Ottawa|chile:Santiago
china:Beijing|colombia:Bogotá|croatia:Zagreb|cuba:Havana|czechia:Prague|denmark:Copenhagen|egypt:Cairo|ethiopia:Addis Ababa
finland:Helsinki|france:Paris|germany:Berlin|ghana:Accra|greece:Athens|hungary:Budapest|iceland:Reykjavík|india:New Delhi
indonesia:Jakarta|iran:Tehran|iraq:Baghdad|ireland:Dublin|israel:Jerusalem|italy:Rome|japan:Tokyo|kenya:Nairobi|mexico:Mexico City
morocco:Rabat|nepal:Kathmandu|netherlands:Amsterdam|new zealand:Wellington|nigeria:Abuja|norway:Oslo|pakistan:Islamabad|peru:Lima
philippines:Manila|poland:Warsaw|portugal:Lisbon|romania:Bucharest|russia:Moscow|saudi arabia:Riyadh|senegal:Dakar|serbia:Belgrade
singapore:Singapore|south korea:Seoul|spain:Madrid|sweden:Stockholm|switzerland:Bern|thailand:Bangkok|tunisia:Tunis|turkey:Ankara
uganda:Kampala|ukraine:Kyiv|united kingdom:London|england:London|united states:Washington, D.C.|usa:Washington, D.C.|vietnam:Hanoi`
    .split(/[|\n]/)
    .map((pair) => pair.split(':') as [string, string]),
);

/** The few things that everybody's first request asks. */
export function facts(ask: Ask): Reply | undefined {
  const country = /\bcapital (?:city )?of (?:the )?([a-z]+(?: [a-z]+)?)/.exec(ask.lower)?.[1];
  if (country !== undefined) {
    const known = capitals.get(country) === undefined ? country.split(' ')[0]! : country;
    const capital = capitals.get(known);
    if (capital)
      return say(ask, capital, `The capital of ${known.split(' ').map(capitalise).join(' ')} is ${capital}.`);
  }
  if (/\bwhy is the sky blue\b/.test(ask.lower) && !ask.long)
    return {
      text: 'The sky is blue because air scatters short wavelengths of sunlight far more than long ones (Rayleigh scattering), so blue light reaches the eye from every direction.',
    };
  return undefined;
}
