import type { SmtpServer } from '../../core/smtp-server.ts';

/** How people log in, as the configuration says it. */
export interface LoginSettings {
  /** Where people reach the server, from outside. Without it, only this machine's own addresses are served. */
  url?: string;
  signUp: 'invitation' | 'open';
  sessionDays: number;
  smtp?: SmtpServer;
  oidc: readonly OidcSettings[];
  issuers: readonly IssuerSettings[];
}

/** An issuer that people are sent to for logging in. */
export interface OidcSettings {
  /** Its name in addresses. */
  id: string;
  name?: string;
  issuer: string;
  clientId: string;
  clientSecret?: string;
  scopes: readonly string[];
  algorithms: readonly string[];
  /** Where somebody belongs who is not here yet; without it, newcomers need an invitation. */
  join?: { organisation: string; role: string };
}

/** An issuer whose tokens are taken instead of a key. */
export interface IssuerSettings {
  issuer: string;
  audience: string | readonly string[];
  algorithms: readonly string[];
  /** Its keys; without it, its discovery document says where they are. */
  jwks?: string;
  /** The names of the claims. */
  claims: { role?: string; organisation?: string; email: string };
  /** What the role claim may say, and the role that this stands for. `*` is for everything else. */
  roles: Readonly<Record<string, string>>;
  /** For tokens without the organisation claim. */
  organisation: string;
}
