import type { Policy } from './pipeline.ts';

export interface LogPromptsDeps {
  /** `logging.prompts` of the configuration. */
  enabled(): boolean;
  log(line: { requestId: string; key: string; model: string; prompt: string }): void;
}

/** Logs what was asked, as the caller wrote it, for operators who turned that on. Off, nothing of a prompt is in any log. */
export const logPrompts = ({ enabled, log }: LogPromptsDeps): Policy =>
  function logPrompts(call, context, next) {
    if (enabled() && call.raw) {
      const { requestId, principal } = context;
      log({ requestId, key: principal.keyId, model: call.model, prompt: call.raw.text });
    }
    return next(call, context);
  };
