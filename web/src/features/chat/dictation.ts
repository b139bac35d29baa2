import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

interface Recognition {
  lang: string;
  continuous: boolean;
  start(): void;
  stop(): void;
  onresult:
    | ((event: {
        resultIndex: number;
        results: ArrayLike<ArrayLike<{ transcript: string }> & { isFinal: boolean }>;
      }) => void)
    | null;
  onend: (() => void) | null;
}

/** Writes down what is said, where this browser can. */
export function useDictation(onWords: (words: string) => void) {
  const { i18n } = useTranslation();
  const [listening, setListening] = useState(false);
  const running = useRef<Recognition>(undefined);
  const known = window as unknown as Record<string, (new () => Recognition) | undefined>;
  const Recogniser = known.SpeechRecognition ?? known.webkitSpeechRecognition;
  function toggle(): void {
    if (listening || !Recogniser) {
      running.current?.stop();
      return;
    }
    const recognition = new Recogniser();
    recognition.lang = i18n.language;
    recognition.continuous = true;
    recognition.onresult = ({ resultIndex, results }) => {
      for (let at = resultIndex; at < results.length; at++)
        if (results[at]!.isFinal) onWords(results[at]![0]!.transcript.trim());
    };
    recognition.onend = () => setListening(false);
    running.current = recognition;
    recognition.start();
    setListening(true);
  }
  return { possible: Recogniser !== undefined, listening, toggle };
}
