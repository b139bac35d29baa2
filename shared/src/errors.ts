/**
 * Every error that Sluice itself reports, one row each. `docs/errors.md` is held equal to this table by a test.
 * `status` is the HTTP status of the OpenAI, Gemini and platform dialects; `anthropicStatus` is given where Anthropic's differs.
 */
export interface ErrorRow {
  status: number;
  /** Whether the same request may succeed when it is sent again, unchanged. */
  retry: boolean;
  openaiType: string;
  anthropicType: string;
  anthropicStatus?: number;
  geminiStatus: string;
  /** What happened and what to do, for the reference page. */
  meaning: string;
}

const badRequest = {
  status: 400,
  retry: false,
  openaiType: 'invalid_request_error',
  anthropicType: 'invalid_request_error',
  geminiStatus: 'INVALID_ARGUMENT',
};
const upstreamFault = {
  status: 502,
  retry: true,
  openaiType: 'server_error',
  anthropicType: 'api_error',
  geminiStatus: 'UNAVAILABLE',
};
const rateLimited = {
  status: 429,
  retry: true,
  openaiType: 'rate_limit_error',
  anthropicType: 'rate_limit_error',
  geminiStatus: 'RESOURCE_EXHAUSTED',
};

export const errorTable = {
  invalid_json: { ...badRequest, meaning: 'The body is not valid JSON or not valid UTF-8. The message says where.' },
  invalid_request: {
    ...badRequest,
    meaning: 'A field is missing or has the wrong type or range. The message and `param` name it.',
  },
  body_too_large: {
    ...badRequest,
    status: 413,
    anthropicType: 'request_too_large',
    meaning: 'The body is longer than `limits.bodyBytes`. Send less, or ask the operator to raise the limit.',
  },
  unsupported_media_type: {
    ...badRequest,
    status: 415,
    meaning: 'The body must be sent as `content-type: application/json`.',
  },
  missing_key: {
    status: 401,
    retry: false,
    openaiType: 'authentication_error',
    anthropicType: 'authentication_error',
    geminiStatus: 'UNAUTHENTICATED',
    meaning:
      'No key was sent. Send it as `authorization: Bearer`, `x-api-key`, `x-goog-api-key` or `?key=`, whichever your SDK uses.',
  },
  invalid_key: {
    status: 401,
    retry: false,
    openaiType: 'authentication_error',
    anthropicType: 'authentication_error',
    geminiStatus: 'UNAUTHENTICATED',
    meaning:
      'The key is unknown, revoked or expired, or its organisation, team or owner is suspended or gone. The message says which.',
  },
  forbidden: {
    status: 403,
    retry: false,
    openaiType: 'permission_error',
    anthropicType: 'permission_error',
    geminiStatus: 'PERMISSION_DENIED',
    meaning: 'The key is valid but may not do this. The message names what it lacks.',
  },
  not_found: {
    status: 404,
    retry: false,
    openaiType: 'invalid_request_error',
    anthropicType: 'not_found_error',
    geminiStatus: 'NOT_FOUND',
    meaning: 'No such route or object.',
  },
  method_not_allowed: {
    ...badRequest,
    status: 405,
    meaning: 'The route exists, but not with this method. The `allow` header lists the methods it has.',
  },
  upgrade_required: {
    ...badRequest,
    status: 426,
    meaning: 'The route opens a WebSocket and answers nothing else. Connect to it with a WebSocket client.',
  },
  model_not_found: {
    status: 404,
    retry: false,
    openaiType: 'invalid_request_error',
    anthropicType: 'not_found_error',
    geminiStatus: 'NOT_FOUND',
    meaning: 'No configured provider serves this model. `GET /v1/models` lists what there is.',
  },
  conflict: {
    status: 409,
    retry: false,
    openaiType: 'invalid_request_error',
    anthropicType: 'invalid_request_error',
    geminiStatus: 'ABORTED',
    meaning: 'The object already exists or has changed since it was read.',
  },
  idempotency_mismatch: {
    ...badRequest,
    status: 422,
    meaning: 'The `Idempotency-Key` was used before for another body. Use a new key for a new request.',
  },
  context_window_exceeded: {
    ...badRequest,
    meaning: 'The request is longer than the context window of every model that could answer it.',
  },
  unsupported_capability: {
    ...badRequest,
    meaning: 'The model cannot do what the request needs (tools, images, audio, documents, JSON schemas).',
  },
  loss_forbidden: {
    ...badRequest,
    meaning: 'The request was strict, and something in it cannot be carried to the model. The message lists what.',
  },
  content_blocked: {
    ...badRequest,
    meaning: 'The provider refused the content for safety reasons. Change the request.',
  },
  guardrail_blocked: {
    ...badRequest,
    meaning:
      'A guardrail refused the request or the answer. The message names the rule and what kind of thing it found, never the thing itself. Change the request, or ask an administrator of your organisation about the rule.',
  },
  upstream_rejected: {
    ...badRequest,
    meaning:
      'The provider found the request invalid. Its own message is passed on; its status is kept when it is a 4xx.',
  },
  rate_limited: { ...rateLimited, meaning: 'Too many requests for this key or model. Wait for `retry-after` seconds.' },
  upstream_rate_limited: {
    ...rateLimited,
    meaning: 'Every provider that could answer is limiting requests. Wait for `retry-after` seconds.',
  },
  quota_exhausted: {
    ...rateLimited,
    retry: false,
    meaning: 'The account at the provider has run out of quota or credit. The owner of the gateway must top it up.',
  },
  // Nobody's SDK tries a 402 again, whatever it thinks of headers; a 429 is sent again by most, and would be refused again.
  budget_exceeded: {
    status: 402,
    retry: false,
    openaiType: 'insufficient_quota',
    anthropicType: 'billing_error',
    geminiStatus: 'FAILED_PRECONDITION',
    meaning:
      'The call could go beyond a budget or plan. The message names it, what is left of it and when it resets. Ask for a shorter answer, wait, or ask an administrator to raise it.',
  },
  client_closed: {
    status: 499,
    retry: true,
    openaiType: 'invalid_request_error',
    anthropicType: 'invalid_request_error',
    geminiStatus: 'CANCELLED',
    meaning: 'The caller hung up before the answer was complete. What had been produced is charged.',
  },
  internal: {
    status: 500,
    retry: true,
    openaiType: 'server_error',
    anthropicType: 'api_error',
    geminiStatus: 'INTERNAL',
    meaning: 'A fault of the gateway itself. Report it with the request id.',
  },
  interrupted: {
    status: 500,
    retry: true,
    openaiType: 'server_error',
    anthropicType: 'api_error',
    geminiStatus: 'INTERNAL',
    meaning:
      'The gateway was killed while the call ran. Callers see a broken connection; in the ledger the call stands with this code, charged for its estimated input and marked as estimated.',
  },
  not_implemented: {
    status: 501,
    retry: false,
    openaiType: 'invalid_request_error',
    anthropicType: 'invalid_request_error',
    geminiStatus: 'UNIMPLEMENTED',
    meaning: 'The provider that serves this model has no such operation.',
  },
  upstream_unreachable: {
    ...upstreamFault,
    meaning: 'The provider could not be reached (refused, name not found, TLS failure).',
  },
  upstream_credential: {
    ...upstreamFault,
    retry: false,
    meaning: "The provider refused the gateway's own credential. The owner of the gateway must mend it.",
  },
  upstream_invalid_answer: {
    ...upstreamFault,
    meaning:
      'The provider answered with something that is not an answer (wrong content type, broken JSON, cut stream).',
  },
  upstream_overloaded: {
    status: 503,
    retry: true,
    openaiType: 'server_error',
    anthropicType: 'overloaded_error',
    anthropicStatus: 529,
    geminiStatus: 'UNAVAILABLE',
    meaning: 'The provider failed or is overloaded, and no other target was left. Try again shortly.',
  },
  upstream_timeout: {
    status: 504,
    retry: true,
    openaiType: 'server_error',
    anthropicType: 'timeout_error',
    geminiStatus: 'DEADLINE_EXCEEDED',
    meaning: 'The provider sent nothing within the first-byte or idle deadline.',
  },
  not_cached: {
    status: 504,
    retry: false,
    openaiType: 'invalid_request_error',
    anthropicType: 'invalid_request_error',
    geminiStatus: 'DEADLINE_EXCEEDED',
    meaning: 'The request said `x-sluice-cache: only-if-cached`, and no cache holds an answer to it.',
  },
  no_target: {
    status: 503,
    retry: true,
    openaiType: 'server_error',
    anthropicType: 'overloaded_error',
    anthropicStatus: 529,
    geminiStatus: 'UNAVAILABLE',
    meaning: 'Every target of this model is set aside after failures. Try again after `retry-after` seconds.',
  },
  unavailable: {
    status: 503,
    retry: true,
    openaiType: 'server_error',
    anthropicType: 'overloaded_error',
    geminiStatus: 'UNAVAILABLE',
    meaning: 'The gateway is starting, stopping or without something it needs (database, disk). Try again shortly.',
  },
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof errorTable;
