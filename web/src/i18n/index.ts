import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import english from './en.json';

/** Languages by their own names. English stands in the code; the others are files with the English text as key. `en.json` holds singulars. */
export const languages = {
  en: 'English',
  de: 'Deutsch',
  es: 'Español',
  fr: 'Français',
  zh: '中文',
} as const;
export type Language = keyof typeof languages;

const files = import.meta.glob<{ default: Record<string, string> }>(['./*.json', '!./en.json']);

export const isLanguage = (text: string): text is Language => Object.hasOwn(languages, text);

/** The language that somebody chose, else the browser's first that there is. */
export function languageOf(chosen: string | undefined): Language {
  for (const wanted of [chosen ?? '', ...navigator.languages]) {
    const code = wanted.toLowerCase().split('-')[0]!;
    if (isLanguage(code)) return code;
  }
  return 'en';
}

export async function speak(language: Language): Promise<void> {
  if (language !== 'en' && !i18next.hasResourceBundle(language, 'translation')) {
    const file = await files[`./${language}.json`]!();
    i18next.addResourceBundle(language, 'translation', file.default);
  }
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}

export async function startLanguages(chosen: string | undefined): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: 'en',
    fallbackLng: false,
    resources: { en: { translation: english } },
    // Keys are the English sentences themselves.
    keySeparator: false,
    nsSeparator: false,
    interpolation: { escapeValue: false },
    react: { useSuspense: false },
  });
  await speak(languageOf(chosen)).catch(() => {});
}
