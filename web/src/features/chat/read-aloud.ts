import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

/** Reads a text with the voice of this device. */
export function useReadAloud(text: string) {
  const { i18n } = useTranslation();
  const [speaking, setSpeaking] = useState(false);
  const possible = typeof speechSynthesis !== 'undefined';
  // Falls silent when what it reads leaves the page.
  useEffect(() => {
    if (!speaking) return;
    return () => speechSynthesis.cancel();
  }, [speaking]);
  function toggle(): void {
    if (speaking) {
      setSpeaking(false);
      return;
    }
    const words = new SpeechSynthesisUtterance(text.replace(/```[\s\S]*?```/g, ' ').replace(/[*_#`>|]/g, ''));
    words.lang = i18n.language;
    words.onend = () => setSpeaking(false);
    words.onerror = () => setSpeaking(false);
    speechSynthesis.cancel();
    speechSynthesis.speak(words);
    setSpeaking(true);
  }
  return { possible, speaking, toggle };
}
