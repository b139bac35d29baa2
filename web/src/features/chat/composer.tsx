import { useQuery } from '@tanstack/react-query';
import { ArrowUp, Clock, FileText, Mic, MicOff, Plus, Square, X } from 'lucide-react';
import {
  type ClipboardEvent,
  type KeyboardEvent,
  type Ref,
  useEffect,
  useImperativeHandle,
  useRef,
  useState,
} from 'react';
import { useTranslation } from 'react-i18next';
import type { ChatMode } from '../../../../shared/src/chat.ts';
import { promptsQuery, usePreferences } from '../../api/queries.ts';
import type { Prompt } from '../../api/types.ts';
import { Button } from '../../ui/button.tsx';
import { cn } from '../../ui/cn.ts';
import { messageOf, Spinner } from '../../ui/states.tsx';
import { Tip } from '../../ui/tip.tsx';
import { useAttachments } from './attachments.ts';
import { useDictation } from './dictation.ts';
import { ModeControl } from './mode-control.tsx';
import { ModelPicker } from './model-picker.tsx';
import { PromptDialog, variablesOf } from './prompt-dialog.tsx';

export interface ComposerHandle {
  focus(): void;
  fill(text: string): void;
  addFiles(files: Iterable<File>): void;
}

export interface ComposerProps {
  ref?: Ref<ComposerHandle>;
  /** Where what is written is kept until it is sent. */
  draftKey: string;
  model: string;
  mode: ChatMode;
  onModel(model: string): void;
  onMode(mode: ChatMode): void;
  /** An answer is being made: what is sent waits for it. */
  busy: boolean;
  queued?: string;
  onUnqueue?(): void;
  onSend(text: string, attachments: string[]): void;
  onStop(): void;
}

const draftOf = (key: string): string => localStorage.getItem(`sluice.draft.${key}`) ?? '';
function keepDraft(key: string, text: string): void {
  if (text === '') localStorage.removeItem(`sluice.draft.${key}`);
  else localStorage.setItem(`sluice.draft.${key}`, text);
}

/** Where messages are written. */
export function Composer({
  ref,
  draftKey,
  model,
  mode,
  onModel,
  onMode,
  busy,
  queued,
  onUnqueue,
  onSend,
  onStop,
}: ComposerProps) {
  const { t } = useTranslation();
  const { sendOnEnter = true } = usePreferences();
  const [text, setText] = useState(() => draftOf(draftKey));
  const [prompt, setPrompt] = useState<Prompt>();
  const files = useAttachments();
  const area = useRef<HTMLTextAreaElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const dictation = useDictation((words) =>
    setText((before) => (before === '' ? words : `${before.trimEnd()} ${words}`)),
  );
  const slash = /^\/([a-z0-9-]*)$/.exec(text)?.[1];

  useImperativeHandle(ref, () => ({
    focus: () => area.current?.focus(),
    fill(words) {
      setText(words);
      area.current?.focus();
    },
    addFiles: files.add,
  }));

  // The field is as high as its text, up to a third of the window.
  useEffect(() => {
    const field = area.current;
    if (!field) return;
    field.style.height = 'auto';
    field.style.height = `${Math.min(field.scrollHeight, Math.max(120, innerHeight / 3))}px`;
    field.dataset.length = String(text.length);
  }, [text]);

  // What was written outlives the page.
  useEffect(() => {
    const timer = setTimeout(() => keepDraft(draftKey, text), 300);
    return () => clearTimeout(timer);
  }, [draftKey, text]);

  const ready = text.trim() !== '' && !files.uploading;
  function submit(): void {
    if (!ready) return;
    onSend(text.trim(), files.ids);
    setText('');
    keepDraft(draftKey, '');
    files.clear();
  }
  function choose(chosen: Prompt): void {
    if (variablesOf(chosen.text).length > 0) setPrompt(chosen);
    else setText(chosen.text);
    area.current?.focus();
  }
  function onKeyDown(event: KeyboardEvent<HTMLTextAreaElement>): void {
    // While an input method composes, Enter belongs to it.
    if (event.nativeEvent.isComposing || event.key !== 'Enter' || event.defaultPrevented) return;
    const wants = sendOnEnter ? !event.shiftKey : event.metaKey || event.ctrlKey;
    const onPhone = matchMedia('(pointer: coarse)').matches && sendOnEnter && !event.ctrlKey && !event.metaKey;
    if (!wants || onPhone) return;
    event.preventDefault();
    submit();
  }
  function onPaste(event: ClipboardEvent): void {
    const pasted = [...event.clipboardData.files];
    if (pasted.length === 0) return;
    event.preventDefault();
    files.add(pasted);
  }

  return (
    <div className="relative">
      {slash !== undefined && <SlashMenu text={slash} area={area.current} onChoose={choose} />}
      {queued !== undefined && (
        <p className="mb-2 flex items-center gap-2 rounded-control bg-sunken px-3 py-1.5 text-sm text-quiet">
          <Clock className="size-4 shrink-0" />
          <span className="min-w-0 flex-1 truncate">{t('Next: {{text}}', { text: queued })}</span>
          <button
            type="button"
            aria-label={t('Do not send it')}
            onClick={onUnqueue}
            className="rounded p-1 hover:bg-raised"
          >
            <X className="size-3.5" />
          </button>
        </p>
      )}
      <form
        className="rounded-2xl border border-line bg-raised shadow-card transition-colors focus-within:border-accent"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        {files.attachments.length > 0 && (
          <ul className="flex flex-wrap gap-2 px-3 pt-3">
            {files.attachments.map(({ key, name, preview, file, error }) => (
              <li
                key={key}
                className={cn(
                  'flex max-w-56 items-center gap-2 rounded-control border px-2 py-1.5 text-xs',
                  error ? 'border-danger text-danger' : 'border-line',
                )}
                title={error ? messageOf(error) : name}
              >
                {preview ? (
                  <img src={preview} alt="" className="size-8 rounded object-cover" />
                ) : (
                  <FileText className="size-4 shrink-0 text-quiet" />
                )}
                <span className="min-w-0 truncate">{error ? messageOf(error) : name}</span>
                {!file && !error && <Spinner className="size-3.5" />}
                <button
                  type="button"
                  aria-label={t('Remove {{name}}', { name })}
                  onClick={() => files.remove(key)}
                  className="rounded p-0.5 text-quiet hover:bg-sunken hover:text-ink"
                >
                  <X className="size-3.5" />
                </button>
              </li>
            ))}
          </ul>
        )}
        <textarea
          ref={area}
          value={text}
          rows={1}
          dir="auto"
          enterKeyHint="send"
          aria-label={t('Message')}
          placeholder={busy ? t('Write the next message…') : t('Ask anything, or type / for a prompt')}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={onKeyDown}
          onPaste={onPaste}
          className="scrollbar-quiet block max-h-[40dvh] w-full resize-none bg-transparent px-4 pt-3.5 pb-1 leading-relaxed outline-none placeholder:text-faint"
        />
        <div className="flex items-center gap-0.5 px-2 pt-1 pb-2">
          <input
            ref={input}
            type="file"
            multiple
            hidden
            aria-label={t('Attach files')}
            onChange={(event) => {
              files.add([...(event.target.files ?? [])]);
              event.target.value = '';
            }}
          />
          <Tip label={t('Attach images, PDF, sound or text')}>
            <Button
              look="quiet"
              size="icon-small"
              aria-label={t('Attach files')}
              onClick={() => input.current?.click()}
            >
              <Plus className="size-4.5" />
            </Button>
          </Tip>
          <ModelPicker model={model} onChange={onModel} />
          <ModeControl mode={mode} model={model} text={text} onChange={onMode} />
          <span className="flex-1" />
          {dictation.possible && (
            <Tip label={dictation.listening ? t('Stop listening') : t('Speak')}>
              <Button
                look="quiet"
                size="icon-small"
                aria-pressed={dictation.listening}
                aria-label={dictation.listening ? t('Stop listening') : t('Speak')}
                onClick={dictation.toggle}
              >
                {dictation.listening ? <MicOff className="size-4 text-danger" /> : <Mic className="size-4" />}
              </Button>
            </Tip>
          )}
          {busy && (
            <Tip label={t('Stop')} keys="Esc">
              <Button size="icon-small" className="rounded-full" aria-label={t('Stop')} onClick={onStop}>
                <Square className="size-3" fill="currentColor" />
              </Button>
            </Tip>
          )}
          {(!busy || text.trim() !== '') && (
            <Button
              type="submit"
              look="primary"
              size="icon-small"
              className="rounded-full"
              disabled={!ready}
              aria-label={busy ? t('Send next') : t('Send')}
            >
              <ArrowUp className="size-4" strokeWidth={2.5} />
            </Button>
          )}
        </div>
      </form>
      {prompt && <PromptDialog prompt={prompt} onClose={() => setPrompt(undefined)} onFilled={setText} />}
    </div>
  );
}

/** Prompts whose command begins as what is typed after the slash. */
function SlashMenu({
  text,
  area,
  onChoose,
}: {
  text: string;
  area: HTMLTextAreaElement | null;
  onChoose(prompt: Prompt): void;
}) {
  const { t } = useTranslation();
  const { data = [] } = useQuery(promptsQuery);
  const [at, setAt] = useState(0);
  const found = data
    .filter(({ command, title }) => command.includes(text) || title.toLowerCase().includes(text))
    .slice(0, 8);
  const chosen = found[Math.min(at, found.length - 1)];

  // The keys are the field's while it has the focus.
  useEffect(() => {
    if (!area) return;
    const onKey = (event: globalThis.KeyboardEvent) => {
      const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
      if (step !== 0 && found.length > 0) {
        event.preventDefault();
        setAt((before) => (Math.min(before, found.length - 1) + step + found.length) % found.length);
      }
      if ((event.key === 'Enter' || event.key === 'Tab') && chosen) {
        event.preventDefault();
        event.stopPropagation();
        onChoose(chosen);
      }
    };
    area.addEventListener('keydown', onKey, { capture: true });
    return () => area.removeEventListener('keydown', onKey, { capture: true });
  });

  return (
    <div
      role="listbox"
      aria-label={t('Prompts')}
      className="absolute inset-x-0 bottom-full z-20 mb-2 overflow-hidden rounded-control border border-line bg-raised p-1 text-sm shadow-pop"
    >
      {found.map((prompt) => (
        <div
          key={prompt.id}
          role="option"
          tabIndex={-1}
          aria-selected={prompt === chosen}
          onClick={() => onChoose(prompt)}
          className={cn('flex items-baseline gap-3 rounded-md px-2.5 py-1.5', prompt === chosen && 'bg-sunken')}
        >
          <span className="font-mono text-xs text-accent">/{prompt.command}</span>
          <span className="min-w-0 flex-1 truncate">{prompt.title}</span>
        </div>
      ))}
      {found.length === 0 && (
        <p className="px-2.5 py-1.5 text-quiet">{t('No prompt begins like this. Prompts are kept in the library.')}</p>
      )}
    </div>
  );
}
