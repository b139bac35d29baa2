import type { SmtpSettings } from './settings.ts';

export interface Addressee {
  email: string;
  name: string;
}

/** Mails that a login needs. */
export interface Mailer {
  sendVerification(to: Addressee, url: string): Promise<void>;
  sendPasswordReset(to: Addressee, url: string): Promise<void>;
  sendInvitation(email: string, url: string): Promise<void>;
}

export interface MailerDeps {
  smtp: SmtpSettings;
  /** A mail that could not be sent is told of here: whoever asked for it must not learn whether the address is known. */
  onFault(error: unknown): void;
}

/** Sends plain-text mails by SMTP, in the background. Over an unencrypted connection no password is sent. */
export function createMailer({ smtp, onFault }: MailerDeps): Mailer {
  const { host, port, secure, user, password, from } = smtp;
  const connect = async () => {
    const { createTransport } = await import('nodemailer');
    return createTransport({
      host,
      port,
      secure,
      ...(user !== undefined && { auth: { user, pass: password ?? '' }, requireTLS: !secure }),
      connectionTimeout: 10_000,
      greetingTimeout: 10_000,
      socketTimeout: 30_000,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
  };
  let transport: ReturnType<typeof connect> | undefined;

  // Not waited for: how long a mail takes would tell whether there is such a person.
  const send = async (to: Addressee, subject: string, lines: string[]): Promise<void> => {
    transport ??= connect();
    transport
      .then((ready) =>
        ready.sendMail({ from, to: { name: to.name, address: to.email }, subject, text: `${lines.join('\n')}\n` }),
      )
      .catch(onFault);
  };

  return {
    sendVerification: (to, url) =>
      send(to, 'Confirm your address', [
        `Hello ${to.name},`,
        '',
        'confirm that this address is yours by opening this link:',
        '',
        url,
        '',
        'If you did not ask for it, do nothing.',
      ]),
    sendPasswordReset: (to, url) =>
      send(to, 'Choose a new password', [
        `Hello ${to.name},`,
        '',
        'choose a new password within an hour by opening this link:',
        '',
        url,
        '',
        'If you did not ask for it, do nothing: your password stays as it is.',
      ]),
    sendInvitation: (email, url) =>
      send({ email, name: '' }, 'You are invited', [
        'Hello,',
        '',
        'you are invited. Join by opening this link:',
        '',
        url,
      ]),
  };
}
