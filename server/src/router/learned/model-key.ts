/**
 * What is the same of a model's name wherever it is served: `Meta-Llama-3.1-8B-Instruct`, `llama3.1:8b` and
 * `llama-3.1-8b-instant` are all `llama-3.1-8b`. Dates, formats and what hosts add are left out; sizes and versions stay.
 */
export function modelKey(name: string): string {
  let key = name
    .toLowerCase()
    .replace(/^.*\//, '')
    .replace(/@.*$/, '')
    .replace(/^(?:us|eu|apac|global)\./, '')
    .replace(/^(?:anthropic|meta|mistral|google|openai|amazon|deepseek|qwen|cohere)\./, '')
    .replace(/(\d)_(\d)/g, '$1.$2')
    .replace(/[:_\s]/g, '-')
    .replace(/^meta-(?=llama)/, '')
    .replace(/^(llama|gemma|phi)(?=\d)/, '$1-');
  for (let before = ''; before !== key; ) {
    before = key;
    key = key.replace(endings, '');
  }
  return key;
}

// `-inst`, `-it` and `-chat` are how makers say "tuned to converse"; the rest are releases, formats and hosts' own words.
const endings =
  /-(?:instruct|inst|it|chat|instant|versatile|turbo-preview|preview|latest|hf|fp8|fp16|awq|gptq|gguf|q\d[\w]*|free|exp|4k|128k|v\d+(?:[.-]\d+)*|\d{4}-\d{2}-\d{2}|\d{2}-\d{2}-\d{2}|20\d{6}|\d{4}|00\d)$/;
