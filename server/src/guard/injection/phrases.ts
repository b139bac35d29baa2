/** A sign of a prompt that wants to be obeyed instead of the one before it. Points add up over different signs. */
export interface Phrase {
  name: string;
  points: number;
  pattern: RegExp;
}

const i = (name: string, points: number, source: string): Phrase => ({
  name,
  points,
  pattern: new RegExp(source, 'iu'),
});

/** Phrases by language; each wants a verb of ignoring, something that went before, and what is ignored. */
export const phrases: Phrase[] = [
  i(
    'override (en)',
    60,
    '\\b(?:ignore|disregard|forget|override|bypass|do not follow|stop following)\\b[^.\\n]{0,30}\\b(?:previous|prior|above|earlier|preceding|all|your|system)\\b[^.\\n]{0,25}\\b(?:instruction|prompt|rule|direction|guideline|directive|constraint|polic(?:y|ies)|programming)',
  ),
  i(
    'override (en)',
    50,
    '\\b(?:ignore|disregard|forget)\\s+(?:all\\s+)?(?:everything|anything|what)\\b[^.\\n]{0,30}\\b(?:above|before|previous(?:ly)?|so far|told|said)\\b',
  ),
  i(
    'new instructions (en)',
    35,
    '\\b(?:your\\s+(?:new|real|actual|updated)|the following (?:new )?)\\s*(?:instructions?|task|goal|rules?|directives?)\\s+(?:are|is|override|supersede|replace)\\b',
  ),
  i(
    'reveal the prompt (en)',
    45,
    '\\b(?:reveal|show|print|repeat|output|display|leak|tell me|give me)\\b[^.\\n]{0,40}\\b(?:system|initial|hidden|original|secret|developer)\\s+(?:prompt|instructions?|message)',
  ),
  i(
    'role change (en)',
    40,
    "\\b(?:you are now|from now on,? you(?: are|'re)?|pretend (?:to be|you are)|act as)\\b[^.\\n]{0,40}\\b(?:dan\\b|jailbro|unrestricted|unfiltered|uncensored|without (?:any )?(?:restriction|limit|filter|rule)|no (?:restriction|limit|filter|rule)s?|developer mode|evil|root)",
  ),
  i(
    'jailbreak (en)',
    40,
    '\\b(?:do anything now|dan mode|developer mode (?:enabled|on)|jailbreak mode|god mode|without any (?:ethical|moral|safety) (?:guidelines|restrictions|constraints))\\b',
  ),
  i(
    'send away (en)',
    40,
    '\\b(?:send|post|forward|exfiltrate|upload|transmit|e-?mail)\\b[^.\\n]{0,60}\\b(?:conversation|chat history|api keys?|credentials?|passwords?|secrets?|system prompt|user data|private data)\\b[^.\\n]{0,40}\\b(?:to|at)\\b\\s*(?:https?:|[\\w.+-]+@|this (?:url|address|server))',
  ),
  i(
    'hide from the user (en)',
    35,
    "\\b(?:do not|don't|never|without)\\s+(?:tell(?:ing)?|mention(?:ing)?|inform(?:ing)?|reveal(?:ing)?|show(?:ing)?)\\b[^.\\n]{0,30}\\b(?:the )?user\\b",
  ),
  i(
    'override (de)',
    60,
    '\\b(?:ignorier|vergiss|vergessen|missacht|übergeh|beachte?\\s+nicht)\\p{L}*[^.\\n]{0,30}(?:vorherig|bisherig|obig|vorangegangen|frühere|alle|deine|sämtliche)\\p{L}*[^.\\n]{0,25}(?:anweisung|instruktion|regel|vorgabe|befehl|prompt)',
  ),
  i(
    'override (fr)',
    60,
    '(?:ignore[rz]?|oublie[rz]?|ne tien(?:s|ez) pas compte|désobéi\\p{L}*)(?!\\p{L})[^.\\n]{0,30}(?:instructions?|consignes?|règles?|directives?)(?!\\p{L})[^.\\n]{0,25}(?:précédent|ci-dessus|antérieur|avant|système|initial)\\p{L}*|(?:ignore[rz]?|oublie[rz]?)\\s+(?:toutes\\s+)?(?:les|tes|vos)\\s+(?:instructions|consignes|règles)(?!\\p{L})',
  ),
  i(
    'override (es)',
    60,
    '(?:ignora|olvida|omite|descarta|haz caso omiso|no sigas)\\p{L}*[^.\\n]{0,30}(?:instruccion|instrucción|regla|orden|órden|directri)\\p{L}*[^.\\n]{0,25}(?:anterior|previa|arriba|sistema|inicial)\\p{L}*|(?:ignora|olvida)\\s+(?:todas\\s+)?(?:las|tus)\\s+(?:instrucciones|reglas)',
  ),
  i(
    'override (pt)',
    60,
    '(?:ignor|esque[çc]|desconsider)\\p{L}*[^.\\n]{0,30}(?:instruç|instruco|regra|ordens|diretriz)\\p{L}*[^.\\n]{0,25}(?:anterior|acima|prévia|sistema|inicia)\\p{L}*',
  ),
  i(
    'override (it)',
    60,
    '(?:ignora|dimentica|trascura)\\p{L}*[^.\\n]{0,30}(?:istruzion|regol|direttiv)\\p{L}*[^.\\n]{0,25}(?:precedent|sopra|iniziali|sistema)\\p{L}*|ignora\\s+(?:tutte\\s+)?le\\s+(?:istruzioni|regole)',
  ),
  i(
    'override (nl)',
    60,
    '(?:negeer|vergeet)\\p{L}*[^.\\n]{0,30}(?:vorige|eerdere|bovenstaande|alle|je)\\p{L}*[^.\\n]{0,25}(?:instructie|opdracht|regel)',
  ),
  i(
    'override (pl)',
    60,
    '(?:zignoruj|ignoruj|zapomnij|pomiń)\\p{L}*[^.\\n]{0,30}(?:poprzedni|wcześniejs|powyższ|wszystki)\\p{L}*[^.\\n]{0,25}(?:instrukcj|poleceni|zasad|regu)',
  ),
  i(
    'override (ru)',
    60,
    '(?:игнорируй|проигнорируй|забудь|не\\s+следуй)\\p{L}*[^.\\n]{0,30}(?:предыдущ|прошл|выше|все|свои)\\p{L}*[^.\\n]{0,25}(?:инструкц|указани|правил|команд)',
  ),
  i(
    'override (tr)',
    60,
    '(?:önceki|yukarıdaki|tüm)\\s[^.\\n]{0,25}(?:talimat|kural|komut|yönerge)\\p{L}*[^.\\n]{0,25}(?:yok\\s*say|unut|görmezden|dikkate\\s+alma)',
  ),
  i(
    'override (zh)',
    60,
    '(?:忽略|无视|無視|忘记|忘記|不要理会)[^。\\n]{0,12}(?:之前|以上|上面|先前|前面|所有|全部)[^。\\n]{0,10}(?:指令|指示|提示|规则|規則|要求|说明)',
  ),
  i(
    'override (ja)',
    60,
    '(?:以前|前|これまで|上記|すべて|全て)[^。\\n]{0,12}(?:指示|命令|ルール|プロンプト|指令)[^。\\n]{0,8}(?:無視|忘れ|破棄)',
  ),
  i('override (ko)', 60, '(?:이전|위|앞|모든)[^.\\n]{0,12}(?:지시|명령|규칙|프롬프트)[^.\\n]{0,8}(?:무시|잊)'),
  i('override (ar)', 60, '(?:تجاهل|انس)[^.\\n]{0,20}(?:التعليمات|الأوامر|القواعد)'),
  i(
    'override (hi)',
    60,
    '(?:पिछले|पहले|ऊपर|सभी)[^।\\n]{0,20}(?:निर्देश|आदेश|नियम)\\p{L}*\\p{M}*[^।\\n]{0,15}(?:अनदेखा|नज़रअंदाज|भूल)',
  ),
  i(
    'role marker',
    35,
    '(?:^|\\n)\\s*(?:###\\s*(?:system|instruction)\\b|\\[?system\\]?\\s*(?:message|prompt)?\\s*:\\s*(?:you|ignore|from|new|override))',
  ),
  i(
    'role marker',
    50,
    '<\\|(?:im_start|im_end|system|assistant|endoftext|eot_id|start_header_id|begin_of_text)\\|>|\\[/?INST\\]|<</?SYS>>|<(?:start|end)_of_turn>',
  ),
  i('role marker', 30, '</?(?:system|assistant|system_prompt|system-prompt|instructions)>'),
];

// None of the phrases can be in a text without one of these.
export const anyPhrase =
  /ignor|disregard|forget|overrid|bypass|follow|instruction|prompt|pretend|act as|you are now|from now on|anything now|mode|without|send|post|forward|exfiltrat|upload|transmit|mail|do not|don't|never|vergiss|vergess|missacht|übergeh|beachte|oubli|tiens|tenez|désobé|olvid|omit|descart|caso omiso|no sigas|esque|desconsider|dimentic|trascur|negeer|vergeet|ignoruj|zapomnij|pomiń|игнорируй|забудь|не\s+следуй|talimat|kural|komut|yönerge|忽略|无视|無視|忘|不要理会|破棄|무시|잊|تجاهل|انس|निर्देश|आदेश|नियम|system|<\||INST|<</i;
