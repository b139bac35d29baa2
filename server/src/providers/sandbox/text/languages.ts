import { type Ask, type Reply, say } from './ask.ts';

type Phrase = 'hello' | 'goodbye' | 'thank you' | 'yes' | 'no' | 'good morning';
const order: readonly Phrase[] = ['hello', 'goodbye', 'thank you', 'yes', 'no', 'good morning'];

const languages: Record<string, readonly string[]> = {
  french: ['Bonjour', 'Au revoir', 'Merci', 'Oui', 'Non', 'Bonjour'],
  spanish: ['Hola', 'Adiós', 'Gracias', 'Sí', 'No', 'Buenos días'],
  german: ['Hallo', 'Auf Wiedersehen', 'Danke', 'Ja', 'Nein', 'Guten Morgen'],
  italian: ['Ciao', 'Arrivederci', 'Grazie', 'Sì', 'No', 'Buongiorno'],
  portuguese: ['Olá', 'Adeus', 'Obrigado', 'Sim', 'Não', 'Bom dia'],
  dutch: ['Hallo', 'Tot ziens', 'Dank je', 'Ja', 'Nee', 'Goedemorgen'],
  swedish: ['Hej', 'Hej då', 'Tack', 'Ja', 'Nej', 'God morgon'],
  polish: ['Cześć', 'Do widzenia', 'Dziękuję', 'Tak', 'Nie', 'Dzień dobry'],
  turkish: ['Merhaba', 'Hoşça kal', 'Teşekkür ederim', 'Evet', 'Hayır', 'Günaydın'],
  russian: ['Привет', 'До свидания', 'Спасибо', 'Да', 'Нет', 'Доброе утро'],
  japanese: ['こんにちは', 'さようなら', 'ありがとう', 'はい', 'いいえ', 'おはよう'],
  chinese: ['你好', '再见', '谢谢', '是', '不', '早上好'],
  korean: ['안녕하세요', '안녕히 계세요', '감사합니다', '네', '아니요', '좋은 아침'],
  hindi: ['नमस्ते', 'अलविदा', 'धन्यवाद', 'हाँ', 'नहीं', 'सुप्रभात'],
  arabic: ['مرحبا', 'مع السلامة', 'شكرا', 'نعم', 'لا', 'صباح الخير'],
  latin: ['Salve', 'Vale', 'Gratias', 'Ita', 'Non', 'Salve'],
};

const phraseWords: [RegExp, Phrase][] = [
  [/\bgood morning\b/, 'good morning'],
  [/\b(?:goodbye|good bye|bye)\b/, 'goodbye'],
  [/\b(?:thank you|thanks)\b/, 'thank you'],
  [/\b(?:hello|hi|hey)\b/, 'hello'],
  [/\byes\b/, 'yes'],
  [/\bno\b/, 'no'],
];

const request = new RegExp(
  String.raw`\b(?:say|translate|how|what|greet|write)\b.*\b(?:in|to|into) (${Object.keys(languages).join('|')})\b`,
);

/** `Say hello in French`, `How do you say thank you in Japanese?`: six phrases in sixteen languages. */
export function languageReply(ask: Ask): Reply | undefined {
  const language = request.exec(ask.lower)?.[1];
  const phrase = language && phraseWords.find(([pattern]) => pattern.test(ask.lower))?.[1];
  if (!language || !phrase) return undefined;
  const text = languages[language]![order.indexOf(phrase)]!;
  return say(ask, text, `${text}! That is “${phrase}” in ${language.charAt(0).toUpperCase()}${language.slice(1)}.`);
}
